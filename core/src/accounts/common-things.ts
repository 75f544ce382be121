/**
 * Places, clubs, brands, everyday words and words of this trade in six languages. Written down for this project from common
 * knowledge; no leaked, published or licensed list was used. See `common-words.ts`, which they belong to.
 */
// oxfmt-ignore
export const thingGroups: readonly (readonly [what: string, words: string])[] = [
  ['Cities',
    'aachen aberdeen abidjan accra adelaide agadir ajaccio alger algiers alicante almeria amiens amman ancona ' +
    'angers ankara annecy antalya antibes antwerp antwerpen arles arras auckland augsburg avignon badajoz ' +
    'baltimore bangkok barcelone bari basel bath bayonne beauvais beirut belfast belgrade belo bergamo bergen ' +
    'bern besancon beziers biarritz bielefeld bilbao birmingham blackpool bochum bogota bologna bonn boulogne ' +
    'bourges bradford braga bratislava braunschweig bremen brescia brest brighton brisbane bristol bruges ' +
    'brugge bucarest bucharest budapest burgos cadiz caen cagliari cairo calais calgary cambridge canberra ' +
    'cannes caracas cardiff carlisle cartagena casablanca catania chamonix charleroi charleston charlotte ' +
    'chartres chemnitz chester clermont cleveland coimbra colmar cologne colombo columbus copenhagen cordoba ' +
    'cork coventry cracow curitiba dakar damascus darmstadt derby dijon dortmund dresden dubai duisburg dundee ' +
    'dunkerque durban durham dusseldorf edinburgh edmonton eindhoven erfurt essen exeter faro ferrara firenze ' +
    'florence fortaleza frankfurt freiburg funchal galway gdansk geneve genova gent ghent gijon girona glasgow ' +
    'gothenburg granada graz grenoble guadalajara guimaraes hamburg hannover hanoi havana heidelberg helsinki ' +
    'hiroshima hongkong honolulu huelva hull innsbruck ipswich istanbul izmir jaipur jakarta jerez jerusalem ' +
    'johannesburg karachi karlsruhe kassel kiel kinshasa koblenz koeln kolkata krakow kyiv kyoto lagos lahore ' +
    'lausanne leeds lehavre leicester leipzig lemans leon lerida liege lille lima limerick limoges lincoln ' +
    'lisboa liverpool ljubljana lorient losangeles luanda lubeck lucerne lugano luxembourg lviv magdeburg mainz ' +
    'malaga malmo manaus manila mannheim marbella marrakech mecca medellin memphis messina metz milano ' +
    'milwaukee minneapolis minsk modena monaco monterrey montevideo montpellier mulhouse munchen munich munster ' +
    'murcia nagoya nairobi namur nancy nantes naples nashville newcastle nice nimes northampton norwich ' +
    'nottingham nuremberg nurnberg odessa orlando orleans osaka oslo ottawa oviedo oxford padova palermo palma ' +
    'pamplona parma peking perpignan perth perugia pescara philadelphia pisa pittsburgh plymouth poitiers ' +
    'portland porto portsmouth poznan prague praha preston pretoria quimper quito rabat reading recife ' +
    'regensburg reims rennes reykjavik riga rimini rostock rotterdam rouen saarbrucken sacramento salamanca ' +
    'salerno salford salvador salzburg samsun sandiego sanfrancisco santander santiago saopaulo sarajevo seoul ' +
    'setubal sevilla seville sheffield siena sofia southampton stgallen stockholm strasbourg stuttgart ' +
    'sunderland swansea taipei tallinn tampa tangier tarragona teheran telaviv toledo torino toulon toulouse ' +
    'tours trieste tripoli trondheim troyes tunis turin uppsala utrecht valence valencia valladolid vancouver ' +
    'vannes varsovie venezia venice verona versailles vicenza vigo vilnius warsaw warszawa washington ' +
    'wellington wien winnipeg wolfsburg worcester wroclaw wuppertal wurzburg yokohama york zagreb zaragoza'],
  ['Countries and regions',
    'alaska albania alemanha alemania allemagne andalucia angleterre angola argentina argentine arizona armenia ' +
    'asturias austria autriche auvergne bahia bavaria bayern belgica belgio belgique belgium bolivia bosnia ' +
    'bulgaria california cambodia cameroon cameroun cataluna catalunya champagne chile chili chine colombia ' +
    'colombie colorado comores corsica costarica croatia cuba dakota danemark denmark deutschland dominicana ' +
    'ecuador egypt egypte england escocia espagne estonia ethiopia europa finland finlande flandre florida ' +
    'franca francia frankreich gabon galicia georgia ghana grece grecia greece guadeloupe guatemala guinee ' +
    'guyane haiti hawaii hessen holland hollande honduras hungary iceland indonesia inghilterra inglaterra iran ' +
    'iraq irlanda irlande islande israel italie italien jamaica jamaique japon jordania kazakhstan kentucky ' +
    'kenya kosovo kurdistan lebanon liban libya lituania lombardia lorraine louisiana macedonia madagascar ' +
    'malaysia malta martinique maryland maurice mauritius mayotte mexique michigan minnesota mississippi ' +
    'missouri moldova mongolia montana mozambique namibia nebraska nepal nevada newzealand nicaragua nigeria ' +
    'norvege norway oesterreich oklahoma oregon pakistan palestine panama paraguay pennsylvania peru ' +
    'philippines picardie piemonte poland polen pologne polska provenza prusse puertorico quebecois reunion ' +
    'romania roumanie russie rwanda sachsen sardegna savoie schweiz serbia sicilia slovakia slovenia somalia ' +
    'spanien suede suica suisse svizzera sweden switzerland syria tahiti taiwan tanzania tennessee texas ' +
    'thailand tibet togo toscana tunisie turkey turquie tyrol uganda ukraine uruguay utah venezuela vermont ' +
    'vietnam wallonie wisconsin wyoming yemen zambia zimbabwe'],
  ['Clubs and their players',
    'acmilan aekathens agassi alaves albion alcaraz alkmaar anderlecht argentinos arminia astonvilla atalanta ' +
    'athletic atletico auxerre baggio baresi barnsley batistuta bayerleverkusen benfica benzema besiktas best ' +
    'betis blackburn blackhawks bluejays boavista bocajuniors bolt bolton borussia bournemouth brentford ' +
    'brewers broncos browns bruins bucks buffon burnley cantona canucks cardinals cavaliers cavani celta ' +
    'champions chargers charlton chiefs chivas clippers clubbrugge colts corinthians coyotes cristiano cruijff ' +
    'cruyff crystalpalace cubs delpiero deportivo diamondbacks djokovic dodgers drogba dynamo eibar eintracht ' +
    'espanyol eusebio falcons federer fenerbahce feyenoord figo fiorentina flamengo fluminense formulaone ' +
    'fortuna fulham galatasaray genoa gerrard getafe giggs girondins gladbach gremio griezmann grizzlies ' +
    'guingamp haaland hamburgersv hamilton hawks hearts henry herthabsc hibernian hoffenheim hooligan hornets ' +
    'hotspurs huddersfield ibrahimovic indians iniesta internacional internazionale islanders jets juve ' +
    'kaiserslautern kaka kane kings knicks kobe kroos lampard lazio leafs lebron leedsunited leganes lens ' +
    'levante lewandowski lions locomotiv maldini mallorca mancini mancity manunited manutd mariners marquez ' +
    'mavericks mets middlesbrough millwall modric mourinho mueller nationals nets neuer newcastleunited ' +
    'nottinghamforest nuggets olympiacos olympiakos olympics orioles osasuna ozil pacers padres palmeiras ' +
    'panathinaikos panthers pelicans penarol penguins phillies pirates pirlo pistons platini pogba psveindhoven ' +
    'puyol ramos raptors rays realbetis realsociedad redbull reddevils redskins ribery riverplate robben ' +
    'rockets roma rooney rossi royals sabres saints salah salernitana sampdoria santos sassuolo schalke ' +
    'schumacher seahawks senna serena shaq sharks sixers slavia sparta spartak spezia sporting spurs stade ' +
    'stoke suarez suns superbowl tigers timberwolves titans torres totti toulousain trailblazers twins tyson ' +
    'udinese ultras unionberlin vasco verstappen vettel vfbstuttgart vieri vikings villareal villarreal ' +
    'warriors watford werder westbrom westham whitecaps wigan wizards wolves worldcup xavi zenit zico'],
  ['Brands and services',
    'accenture acer activision adidas aldi alfaromeo alibaba amex apple asics asus atari auchan bacardi ' +
    'balenciaga barclays bentley billabong blackberry bluetooth bosch bose bugatti burberry burgerking cadillac ' +
    'canon cartier casio castorama chanel chrome chrysler cisco citibank citroen coca cocacola cola colgate ' +
    'compaq corsa credit danone decathlon dell deloitte dior discord disney dodge dunlop duracell ebay emirates ' +
    'engie ericsson etsy facebook fanta fedex fendi fiat firefox fiverr fnac ford freebox fujitsu garmin github ' +
    'gitlab golf goodyear google gopro gucci guess haribo heineken heinz hermes hewlett hilton hitachi hsbc ' +
    'huawei hugoboss hummer hyundai icloud ikea infiniti intel intermarche iveco jaguar jeep jetblue kappa ' +
    'kenwood kindle kodak lacoste lada lamborghini lancia landrover leclerc lego lenovo levis lexus lidl ' +
    'linksys lipton logitech loreal lotus louisvuitton lufthansa macbook macdo marlboro marriott maserati ' +
    'mastercard mazda mcdonalds mclaren meta metro microsoft mini mitsubishi monoprix nestle netflix netgear ' +
    'newbalance nike nikon nintendo nivea nutella nvidia oakley opel orange oreo panasonic pandora paypal pepsi ' +
    'pfizer philips pinterest pirelli playboy plusnet pontiac prada pringles puma quicksilver ralphlauren ' +
    'reddit reebok ricard ricoh rolex rollsroyce ryanair saab sagem salesforce sanofi sanyo seat sega shell ' +
    'siemens skoda skype slack smart snapchat sncf sony spotify sprite starbucks steam subaru subway swatch ' +
    'telecom telefonica telekom tesco tesla thinkpad tiktok tissot toshiba total twitch uber ubisoft unilever ' +
    'vans verizon versace viber vimeo virgin visa vodafone volvo vuitton walmart whatsapp wikipedia winamp ' +
    'wordpress xiaomi yamaha yves zara zoom zurich'],
  ['Everyday words in English',
    'adventure airplane airport alcohol allright alpha amazing anchor ancient animal answer apollo apricot ' +
    'arctic armor arrow atlantic autumn avatar awesome baker balloon bamboo banjo barrel basil beach beaver ' +
    'bedroom beetle believe bicycle bingo birthday biscuit bishop bitter blaster blizzard blossom bluebird ' +
    'bluesky bonfire bottle boulder bravo bread breeze bridge broken bronze brown bubble bubbles bucket buddy ' +
    'buffalo builder butter button cabin cactus camera camping candle cannon canyon caramel caribou carrot ' +
    'casino castle catfish chance chaos charm cherub chestnut chicago chips choice christmas church cinema ' +
    'circle circus classic clever cloud clover clown coconut coffee comet compass concert condor confidence ' +
    'cooking copper coral cotton country courage coyote cracker crazy creative cricket crimson cruise cupcake ' +
    'curious cyclone daddy dancer danger dark darkness dawn daydream december deep deer delta desert destiny ' +
    'dinner dinosaur doctor dollar donkey donut doors double dream dreamer dreams driver drummer dungeon ' +
    'dynamite eagle early earth easter easy echo eclipse elephant eleven emperor empire energy engine english ' +
    'enigma eternal eternity evening evil express extreme falcon family fantasy farmer father feather fighter ' +
    'finger fire fireball firefly fisher fishing flame flamingo flash flipper flower flying forever fortune ' +
    'foxtrot freaky freddy free freebird friday friendship frog frosty future gadget galaxy gamer garden garlic ' +
    'gateway gecko genius gentle giraffe girl glacier glitter glory goat goblin goddess golden goodbye goodluck ' +
    'gorilla grace grandma grandpa granite grape gravity green griffin grizzly guardian gypsy hammer hamster ' +
    'handsome happiness harbor harmony harvest hawk hazelnut heather hedgehog helicopter hello helpme hermit ' +
    'highway history holiday hollow home homework honeybee horizon horse hotdog hunter husband iceberg icecream ' +
    'imagine incredible infinity inside inspire island ivory jackpot jasper jelly jellyfish jester jewel joker ' +
    'journey joyful jungle jupiter justice justme kayak keyboard killer kingdom kissme kitchen knight ladybug ' +
    'lantern laptop laser laughter lavender leader leather leopard letter library lifetime light lighthouse ' +
    'lion lizard llama lobster lollipop london lonely lottery lovebug loveme lover lucky luckydog lullaby ' +
    'machine madness magnet magnolia mango manor maple marble mariner marshmallow mermaid metal meteor midnight ' +
    'mighty miracle mirror mission mobile moment money monkeys monster moon moose morning moscow motorbike ' +
    'motorcycle mountain muffin mushroom mustard mystic nemesis neptune network newlife newyear night nightmare ' +
    'ninja nobody noodle normal northern notebook november number nursery oasis observer october octopus office ' +
    'olive onion online opera optimus orbit organic orion otter outlaw outside oxygen oyster pacific palace ' +
    'paladin pancake paper paradox parrot party passion passport peaceful peach peacock pebble pelican pencil ' +
    'people perfect perfume phoenix photo piano pickle picture pigeon pineapple pioneer planet plastic player ' +
    'pleasure pocket poetry poison police politics popular potato prayer precious present prestige pretzel ' +
    'private promise prophet pumpkin puppet puzzle python quality quantum question quiet rabbit racecar racoon ' +
    'radio railway rainy random raven reader reality rebel record reindeer relax remember rescue respect ' +
    'revenge reward rhythm ribbon river road robot rocker rosebud royal runner safety sailing sailor salmon ' +
    'samurai sandman sandwich saturn savage school science scooter scorpion seagull seahorse season secret ' +
    'secure serenity serpent seven seventeen shalom shelter sheriff shine shooter shopping silence silver ' +
    'simple singer single skate skeleton skull sleepy sniper snowflake snowman snowy soccer socket softball ' +
    'solution someone something song sorry soul southern space spaceman spanish sparkle sparrow special speedy ' +
    'spider spirit splash spooky square squirrel stallion star stardust starfish starlight station stealth ' +
    'steel stone stranger strawberry street strong student studio sugar suicide sultan summertime sunday ' +
    'superior support surfing surprise survivor swallow sweet sweetness sword symphony tacos talent tango ' +
    'target teacher teacup teddybear temple tennis theater thirteen thousand thunder ticket tigger timber ' +
    'tomato tomorrow tonight topgun topsecret tower tractor train treasure triangle tropical truck trumpet ' +
    'trust truth tulip tuna tunnel turtle twilight twister umbrella unicorn universe unknown utopia vacation ' +
    'valley vanguard velvet venom venus victory village vintage violin virus vision volcano volleyball voyager ' +
    'vulture walnut walrus warlock water watermelon weather weekend welcome western whatever whisper wildcat ' +
    'wildfire willpower window winner winter wisdom wolfpack wombat wonder wonderful woodland world wrestling ' +
    'yellow yesterday younger zebra zenith zeppelin zipper zodiac'],
  ['Everyday words in French',
    'abeille abricot accueil agneau aigle aimer allumette amitie ananas ancre anniversaire arbre argent armoire ' +
    'artichaut aubergine automne aventure avion avocat bagnole baguette baleine ballon bateau beaute belette ' +
    'berger betise biche bicyclette biere bijou biscotte bisou bonbon bonhomme bonjour bonne bonsoir boulanger ' +
    'boule bouteille brioche brouillard bureau cabane cachalot cadeau caillou calin camembert camion campagne ' +
    'canard caresse carotte cascade casserole cerise chaleur chameau chanson chapeau charbon chateau chatte ' +
    'chaussette chaussure cheminee chenille cherry cheveux chevre chocolatine ciel cigale cigogne citron ' +
    'citrouille clavier clef coccinelle cochon coiffeur colombe coquelicot coquillage corbeau cornichon cosmos ' +
    'couleur couscous couteau crapaud crayon crepe crevette croissant cuisine demain dentelle desir diamant ' +
    'dimanche dragon ecole ecureuil eglise enfant enfants ensemble epices escargot espoir etoile etoiles ' +
    'etudiant famille fantome farine fatigue femme fenetre ferme fete feuille ficelle fille flamme flocon ' +
    'fontaine foret fougere fourmi fraise framboise frere fromage galette garage garcon gateau girafe glace ' +
    'gorille grenouille guitare haricot herisson heureux hibou hirondelle histoire homme horloge huitre ' +
    'immeuble jambon jardin jolie jonquille jouet journal joyeux jumeaux jumelles jument lait laitue langouste ' +
    'lavande legume lezard libellule liberte licorne lievre limace luciole lumiere lundi lune lunettes maison ' +
    'maitresse maman mamie manteau marguerite marmotte marron marteau medecin melon menthe merci mesange miel ' +
    'mimosa miroir moineau monde montagne montre moto mouche mouette moulin mousse moustache moustique mouton ' +
    'muguet musee myrtille nature navire neige noisette nounou nounours nuage nuit oignon ombre orage orchidee ' +
    'oreille oreiller ouragan ourson paille panier pantalon papier papillon papy paquerette paradis parapluie ' +
    'parfum pasteque patate patience patin peche pecheur peluche perle perroquet persil phare piment pingouin ' +
    'pirate pissenlit pivoine plage planete pluie plume poire poireau poisson poivre pomme pommes porte potiron ' +
    'poule poulet poupee poussin prairie printemps prune puce pucerons raisin raton renard requin reve ' +
    'rhinoceros riviere rocher rossignol rouge ruisseau sable salade sanglier sardine saucisse saucisson saumon ' +
    'sauterelle savon singe sirene soeur soldat sorciere sourire souris souvenir sucette sucre tabouret tambour ' +
    'tarte tartine taureau tempete temps tendresse tirelire tomate tonnerre tortue tournesol tracteur tresor ' +
    'truite tulipe univers vacances vache vague vampire velo vendredi vent verger verveine violon voiture ' +
    'volcan voyage voyageur'],
  ['Everyday words in Spanish and Portuguese',
    'abacaxi abelha abraco abuela abuelo acucar agua aguila alegria alface alma almohada amarillo amiga amigo ' +
    'amigos amistad amizade amor amores anjo ardilla areia arena arroz arvore aviao azeite azucar azul baleia ' +
    'ballena banana bandera barco batata bebe beija beijo beijos beso besos bicicleta bola bolo boneca bonita ' +
    'bonito borboleta bosque brasileiro buenos buenosdias burro caballo cabra cachorro cadeira cafe calle ' +
    'caminho camino campeon cancion caneta caracol caramelo carinho carino carro casa castillo cavalo cebola ' +
    'cebolla cenoura cerveja cerveza chave chica chico chocolate chuva cidade cielo ciudad cobra coche ' +
    'cocodrilo coelho comida conejo contrasena contrasenya coracao corazon cordero coruja crianca cuaderno ' +
    'cuchillo delfin deus diablo diabo dinero dinheiro dios docinho domingo dulce elefante escola escuela ' +
    'espejo espelho esperanza estrela estrella estrellas familia fantasma farinha feijao felicidad felicidade ' +
    'feliz filha filho flor flores floresta fogo formiga fresa fuego futbol galinha galleta gallina gallo ' +
    'ganador gata gatinha gatinho gatito gato gelo gigante girasol girassol golfinho gordita gordo gracias ' +
    'guapa guapo guerreiro guerrero guitarra hermana hermano hermosa hielo hija hijo hola hombre homem hormiga ' +
    'invierno irma irmao isla janela jardim jirafa jogador jugador ladron lagarto laranja leao leche lechuga ' +
    'leite libertad libro limon linda lindo livro lluvia lobo loco luna maca macaco madrugada maestro manzana ' +
    'mariposa martes medianoche mejor melocoton menina menino mesa mono morango mulher mundo muneca musica ' +
    'naranja natal navidad navio neve nieve nina nino noche noite nube nuevo nuvem obrigado ojos olhos otono ' +
    'oveja ovelha paixao pajaro palabra palavra pantera papa papagaio papel paraiso pasion passaro pato payaso ' +
    'pedra peixe pelota perra perrito perro pescado piedra pimienta pinguino pirata platano playa pollo porta ' +
    'praia prima primavera primo princesa puerta pulpo queijo queso quiero rainha rana raposa reina reloj riso ' +
    'rocha rojo rosa rosas sandia sapato sapinho sapo saudade secreto segredo semana senha sereia serpiente ' +
    'siempre silencio sirena soldado sonho sonhos sonrisa sorriso sorte sorvete sueno suerte tartaruga teamo ' +
    'tequiero terra tesoro tesouro tiburon tiempo tienda tierra tigre tijeras toro tortuga touro trabajo ' +
    'trabalho tren tristeza tubarao unicornio universo usuario vaca vento verano verao verde vermelho viagem ' +
    'vida viento viernes vinho vino violao zanahoria zapato zorro'],
  ['Everyday words in German and Italian',
    'abend acqua adler affe albero albicocca allegria ameise amica amici amico amore amoremio ancora anfang ' +
    'angelo angioletto anima apfel aquila arancia arcobaleno asino aurora auto autunno azzurro baci bacio ' +
    'balena bambina bambino bambola bandiera bauer baum bella bellissima bello benvenuto berg bianco biene bier ' +
    'birne biscotto blau blitz blume blumen bocca boot bosco bottiglia brot bruder buch buonanotte buongiorno ' +
    'cagnolino calcio caldo campione cane canzone capitano capra carota castello cavallo cavolo chiave chiesa ' +
    'ciao ciliegia cioccolato cipolla citta coccinella coccodrillo colomba coltello computer coniglio coraggio ' +
    'corona cuore cuori dackel danke delfino destino diamante diavolo dolce dolcezza domani domenica donna ' +
    'donner drache drachen drago dunkel eichhoernchen eisbaer eisen elefant engel ente erdbeere erde estate ' +
    'ewigkeit fahrrad famiglia familie fantasia farbe farfalla farina feder feierabend felice felicita fenster ' +
    'ferien ferro feuer fiamma figlia figlio finestra fiore fiori fisch fiume flasche fledermaus fliege ' +
    'flugzeug fluss foglia folletto fontana forelle foresta formaggio formica fragola fratello freddo freiheit ' +
    'freude freund freunde freundin frieden frosch fruehling fuchs fulmine fuoco fussball gabbiano gabel ' +
    'galletto gans garten gatta gattino gatto geheim geheimnis geist gelato geld gelsomino gemuese gewitter ' +
    'ghiaccio giallo giardino gioco gioia giornale giorno giraffa girasole glas glueck gold gott gras grau ' +
    'grazie gruen gurke hallo hase haus heimat herbst herz herzen himmel hirsch hoffnung holz honig huhn hund ' +
    'hunde igel insel inverno isola jaeger junge kaefer kaese kaffee kaiser kaktus kaninchen karotte kartoffel ' +
    'kasten katze katzen keks kennwort kind kinder kirche kirsche klavier koenig koenigin koffer krabbe kraft ' +
    'krieger krokodil krone kuchen kuss lachen ladro lago lampada lampe latte lavoro leben leone libellula ' +
    'liberta licht liebe lieblich liebling limone loewe lowe lucciola luce lucertola lupo maedchen maerchen ' +
    'maestra maiale mama mamma mare marito maus medusa meer meerschweinchen mela melone mensch milch moglie ' +
    'mond mondo montagna morgen motorrad mucca muecke mutter nacht nashorn natale natur nebel nonna nonno notte ' +
    'nudel nuss nuvola occhi onda orchidea orsetto orso pace padre pane panther papagei papavero papera ' +
    'pappagallo paradiso parola passero passione patata pavone pecora pera pesca pesce pescecane pfeffer pferd ' +
    'pferde pflanze pianta piccola piccolo pilz pinguin pioggia pizza poesia polizei pomodoro principe ' +
    'principessa prinz prinzessin pulcino ragazza ragazzo ragno regen regenbogen regina reise reiter ring ' +
    'ritter robbe rondine rose rosso sabbia sahne salame salat sale salz sand sangue scarpa schaf schatten ' +
    'schatz schatzi schiff schildkroete schlange schloss schluessel schmetterling schnecke schnee schneemann ' +
    'schokolade schule schwalbe schwan schwarz schwein schwester scimmia scoiattolo scuola seele segel segreto ' +
    'sempre serpente signora sogni sogno sole sommer sonne sonnenblume sonnenschein sorella speranza spiaggia ' +
    'spiegel spiel spieler spinne squalo stadt stella stelle stern sterne stier storch strada strand strasse ' +
    'strega sturm suesse tasse taube teddy tempesta tempo testa teufel tiger tisch tochter topo topolino ' +
    'tramonto traube traum traumfrau treno treue tulipano tulpe turm ulivo unicorno uomo uovo urlaub vacanza ' +
    'vater veilchen viaggio viola vita vittoria vogel volo volpe wald wasser weihnachten wein weiss welle welt ' +
    'wetter wiese wind wolf wolke wurst wurzel zahn zauber zeit ziege zitrone zucker zukunft zwiebel'],
  ['Months, days and seasons in Spanish, German, Italian and Portuguese',
    'abril agosto aprile dezember dezembro dicembre diciembre dienstag donnerstag enero estacao estacion ' +
    'febbraio febrero februar fevereiro freitag fruehjahr gennaio giovedi giugno janeiro januar jueves julho ' +
    'juli julio junho juni junio luglio lunedi lunes maerz maggio maio marco martedi marzo mayo mercoledi ' +
    'miercoles mittwoch montag novembre novembro noviembre octubre oktober ottobre outubro quarta quinta sabado ' +
    'sabato samstag segunda septiembre setembro settembre sexta sonnabend sonntag terca venerdi'],
  ['Climate, energy and reporting',
    'accounting activity adaptation aerosol agriculture albedo allowance anthropogenic aquifer atmosphere ' +
    'avoided baseline battery benchmark bilancarbone biochar biodiversite biodiversity bioenergy biofuel biogas ' +
    'biomass biomasse biosphere boundary building business carboncredit carbonfootprint carbonneutral ' +
    'carbonzero charcoal circular cleantech climat climateaction climatechange coal compost comptabilite ' +
    'conservation consumption cooling corporate csrd decarbonation decarbonization decarbonize deforestation ' +
    'dioxide disclosure diversity downstream drought earthday ecolabel ecosystem electric electricite ' +
    'electricity electron elnino emisiones emission emissionen emissioni emissoes energia energie enterprise ' +
    'environmental erosion ethanol exhaust factory flood flooding fluorine forestry fossil fossile freight fuel ' +
    'gasoline geothermal ghgprotocol globalwarming greenhouse greenpeace gridfactor groundwater halocarbon heat ' +
    'heating heatpump heatwave hydro hydrogen hydrogene industry insulation inventory ipcc isolation kerosene ' +
    'kilogram kilowatt klima klimaschutz landfill landuse lifecycle logistics mangrove materiality methan ' +
    'methane mitigation monsoon nachhaltig nachhaltigkeit natural naturaleza netzero neutral neutrality ' +
    'nitrogen nitrous nucleaire nuclear ocean oekologie offset offsets offsetting oilgas ozone parisagreement ' +
    'parquet peatland permafrost permit petrol photovoltaic pipeline polluter pollution precipitation ' +
    'procurement protocol quota rainforest rainwater reanalysis recyclage recycle recycling reforestation ' +
    'refrigerant regulation renewable renewables reporting reservoir resilience resource retirement rewild risk ' +
    'rivers saison sceance sealevel sequestration soil solarpanel solarpower species stakeholder standard ' +
    'strategy sulfur supplychain sustainable taxonomy temperature terawatt thermal thermometer tonne tonnes ' +
    'transition transport treeplanting tropics turbine umwelt upstream value vehicle ventilation verification ' +
    'verra warming waste wastewater watershed wetland windfarm windmill windpower zerocarbon zerowaste'],
  ['What offices type when asked for one',
    'abteilung administracion administrador administrateur administration agence agenda angestellter archives ' +
    'assistant assistante atelier azienda backup banque betrieb boulot bureautique chef chefin client clients ' +
    'codigo commerce compta comptable comptes conference consultant contact delivery demo departement desk ' +
    'develop developer developpement directeur direction directrice dispatch employee empresa equipe equipo ' +
    'extern external filiale finance finances firma formation gast gerant gerente guest helpdesk hotline info ' +
    'informatica informatik informatique intern internal intranet invitado invite kasse konto kunde laboratory ' +
    'lager locaux logistik magasin maintenance manager marketing mitarbeiter monitor operator ordinateur ' +
    'partner personal personnel prod production project projekt projet public reception recruitment responsable ' +
    'salarie salary sales secretaire secretariat sekretariat server serveur service services societe stagiaire ' +
    'staging team teams tech technician technik technique temporal training travail treasury utilisateur ' +
    'verwaltung visiteur visitor warehouse webmaster website werkstatt wifi wlan zentrale'],
]
