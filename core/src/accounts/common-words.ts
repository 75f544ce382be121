import { nameGroups } from './common-names.ts'
import { thingGroups } from './common-things.ts'

/**
 * Words that passwords are made of: what people type when asked for one, names, animals, clubs, months, places, films,
 * brands, everyday words and those of this trade, in English, French, Spanish, German, Italian and Portuguese. Compiled by
 * hand for this project from what is generally known about how people choose. It is not a list of passwords that were seen
 * in a leak, and knows nothing of their frequency; no leaked, published or licensed list was used. `password.ts` finds the
 * words in any spelling (p@ssw0rd), backwards, in any order and number, and with any tail (2026, 123, !).
 */
// oxfmt-ignore
const groups: readonly (readonly [what: string, words: string])[] = [
  ['What people type when asked for a password',
    'password passwort passw0rd pass motdepasse mdp secret letmein login access admin administrator root ' +
    'user guest welcome bienvenue changeme change default test testing demo master server system computer ' +
    'internet security private temp temporary trustno trustnoone iloveyou jetaime loveyou ilove love ' +
    'amour hello bonjour salut hola coucou azerty qwerty qwertz azertyuiop qwertyuiop asdf asdfgh ' +
    'asdfghjkl zxcvbn zxcvbnm wxcvbn qazwsx qazwsxedc zaqwsx abc abcd abcdef aaaa whatever nothing ' +
    'something anything please open sesame opensesame enter home office work business company account ' +
    'service support manager director president'],
  ['Animals',
    'dragon monkey tiger lion eagle falcon panther cheetah jaguar wolf bear panda koala dolphin whale ' +
    'shark turtle snake cobra viper spider butterfly horse pony cowboy chicken rooster duck goose rabbit ' +
    'bunny mouse kitten kitty cat chat chaton minou dog doggy puppy chien toutou loulou lapin cheval ' +
    'poisson oiseau tigre ours loup requin dauphin papillon mustang bulldog hunter animal'],
  ['Sport',
    'football foot soccer baseball basketball basket hockey tennis golf rugby cricket swimming runner ' +
    'skater surfer boxing karate judo champion winner player arsenal chelsea liverpool everton manchester ' +
    'united city tottenham celtic rangers barcelona barca realmadrid madrid juventus milan inter roma ' +
    'napoli bayern dortmund ajax psg marseille allezlom olympique lyon asse saintetienne bordeaux lakers ' +
    'yankees cowboys steelers packers ravens eagles giants redsox bulls celtics patriots raiders broncos ' +
    'dolphins jordan ronaldo messi zidane mbappe beckham maradona pele neymar federer nadal'],
  ['Names',
    'michael jennifer jessica ashley daniel matthew andrew joshua anthony robert thomas charlie charles ' +
    'william james john david richard joseph george edward henry arthur oliver jack harry oscar jacob ' +
    'noah liam mason ethan lucas logan alexander benjamin samuel nicholas jonathan justin brandon tyler ' +
    'austin kevin brian steven eric adam ryan jason patrick martin peter paul mark luke simon stephen ' +
    'philip alan scott frank amanda sarah nicole samantha elizabeth emily emma olivia sophia isabella ' +
    'charlotte amelia mia ava grace chloe hannah lauren rachel rebecca laura michelle melissa stephanie ' +
    'heather amber tiffany victoria natasha alexandra maria anna julia claire alice marie sophie camille ' +
    'julie celine nathalie isabelle catherine francoise monique sylvie valerie sandrine virginie aurelie ' +
    'emilie pauline mathilde manon lea louise jules hugo louis gabriel raphael leo adrien antoine maxime ' +
    'alexandre nicolas julien guillaume romain benoit sebastien vincent christophe philippe laurent ' +
    'stephane olivier frederic pascal didier thierry bruno denis gerard jacques pierre jean michel alain ' +
    'bernard francois mohamed ahmed fatima rodrigo carlos juan jose miguel pablo diego hans klaus ' +
    'peterpan'],
  ['Months, days and seasons',
    'january february march april may june july august september october november december janvier ' +
    'fevrier mars avril mai juin juillet aout septembre octobre novembre decembre monday tuesday ' +
    'wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi dimanche spring ' +
    'summer autumn winter printemps automne hiver ete soleil sunshine sunny sunflower sunset sunrise ' +
    'moonlight rainbow snow snowball thunder lightning storm hurricane tornado ocean river mountain ' +
    'forest flower fleur rose lily daisy violet jasmine orchid lavender cherry apple banana orange lemon ' +
    'strawberry peach mango cookie chocolate chocolat candy sugar honey butter cheese fromage pizza pasta ' +
    'burger coffee cafe pepper ginger cinnamon vanilla peanut popcorn whisky vodka champagne'],
  ['Films, games and music',
    'superman batman spiderman ironman wolverine starwars startrek skywalker yoda vader anakin chewbacca ' +
    'matrix neo morpheus trinity pokemon pikachu charizard mario luigi zelda sonic minecraft fortnite ' +
    'roblox warcraft starcraft diablo doom halo callofduty nintendo playstation xbox gameboy harrypotter ' +
    'hogwarts gandalf frodo bilbo legolas aragorn hobbit simba bambi cinderella tinkerbell mickey minnie ' +
    'donald pluto goofy snoopy garfield scooby asterix obelix tintin naruto goku vegeta dragonball ' +
    'onepiece sasuke metallica nirvana slipknot eminem beatles elvis madonna britney shakira rihanna ' +
    'beyonce beethoven mozart guitar music musique dance rocknroll jazz metal'],
  ['Places and nations',
    'london paris newyork chicago boston dallas houston phoenix denver detroit miami atlanta seattle ' +
    'sydney melbourne toronto montreal quebec berlin vienna zurich geneva brussels bruxelles amsterdam ' +
    'dublin lisbon rome athens moscow tokyo beijing shanghai singapore mumbai delhi america usa england ' +
    'scotland ireland wales britain france bretagne normandie provence corse alsace germany deutschland ' +
    'italy italia spain espana portugal brazil brasil mexico canada australia india china japan russia ' +
    'africa afrique europe maroc algerie tunisie senegal world monde earth'],
  ['Family, faith and feeling',
    'mother father mommy daddy mummy maman papa brother sister family famille baby babe babygirl babyboy ' +
    'angel ange princess princesse prince queen king reine boss lover lovely beautiful pretty sexy hottie ' +
    'sweetie sweetheart darling cherie doudou chouchou friend friends bestfriend forever always together ' +
    'happy smile lucky freedom liberty liberte peace paix hope faith heaven paradise jesus christ god ' +
    'dieu allah blessed blessing heart coeur lovelove marriage wedding mariage bebe bisous bisou merci ' +
    'amitie bonheur'],
  ['Cars, brands and machines',
    'ferrari porsche mercedes corvette camaro mustangs toyota honda nissan renault peugeot citroen bmw ' +
    'audi volkswagen ford chevrolet harley davidson yamaha suzuki ducati kawasaki google facebook twitter ' +
    'instagram youtube linkedin amazon microsoft windows linux ubuntu oracle samsung iphone android nokia ' +
    'motorola adobe photoshop dropbox yahoo hotmail gmail outlook sfr bouygues carrefour michelin airbus ' +
    'boeing'],
  ['Swear words and bravado',
    'fuck fuckyou fuckme fuckoff shit bullshit bitch asshole bastard damn merde putain connard salope ' +
    'encule ninja pirate samurai warrior killer hacker shadow phantom ghost demon devil satan lucifer ' +
    'zombie vampire wizard magic mystery legend hero superstar rockstar gangster maverick rebel rambo ' +
    'terminator predator alien ranger soldier sniper commando captain general major marine army navy ' +
    'pilot rocket turbo racing speed power energy cyber digital titan apollo zeus hercules achilles ' +
    'spartan trojan viking'],
  ['Colours, numbers and metals in words',
    'red blue green yellow black white purple pink silver golden gold diamond crystal ruby emerald ' +
    'sapphire platinum rouge bleu vert jaune noir blanc one two three four five six seven eight nine ten ' +
    'hundred thousand million deux trois quatre cinq sept huit neuf dix'],
  ['Words of this trade',
    'tidemark carbon carbone climate climat emission emissions footprint bilan sustainability sustainable ' +
    'durable environment environnement ecology ecologie planet planete nature energie solar solaire wind ' +
    'eolien sea tide wave water eau factor facteur audit report rapport certificate certificat scope ' +
    'netzero zero entreprise organisation organization demonstration'],
]

/** Written twice here and there, because a word may belong to two groups: what counts is the set. */
export const commonWords: ReadonlySet<string> = new Set(
  [...groups, ...nameGroups, ...thingGroups].flatMap(([, words]) => words.split(' ')),
)
