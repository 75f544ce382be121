/**
 * First names, and further words that passwords are made of, in six languages. Written down for this project from common
 * knowledge; no leaked, published or licensed list was used. See `common-words.ts`, which they belong to.
 */
// oxfmt-ignore
export const nameGroups: readonly (readonly [what: string, words: string])[] = [
  ['First names heard in English',
    'aaron abigail addison adrian aidan aiden alana albert alexis alfie alfred alicia alison allison alyssa ' +
    'andrea angela angus anita anne annie arnold arya audrey barbara barry beatrice becky belinda bernice beth ' +
    'bethany betty beverly bill billy blake bobby bonnie brad bradley brandi brenda brent brett briana bridget ' +
    'brittany brooke bruce bryan caitlin caleb callum calvin cameron candice carl carla carly carmen carol ' +
    'carole caroline carrie casey cassandra cassie catrina chad chandler chelsey cheryl chester chris christian ' +
    'christina christine christy cindy clara clarence clark claude clayton clifford clinton clive cody colin ' +
    'colleen connie connor conor corey courtney craig crystal curtis cynthia dale damian damon dana danielle ' +
    'danny daphne darlene darren dave dawn dean deanna debbie deborah debra declan denise dennis derek devin ' +
    'devon diana diane dominic donna doris dorothy doug douglas duncan dustin dylan earl eddie edgar edith ' +
    'edwin eileen elaine eleanor elena elias elijah ella ellen ellie elliot elmer elsie elvira emmett erica ' +
    'erik erin ernest ernie esther eugene evan evelyn evie ezra faith faye felicity felix fergus fiona flora ' +
    'florence frances francis frankie fraser fred freddie frederick freya gabriella gail gareth gary gavin ' +
    'gemma gene geoff geoffrey georgia georgina gerald geraldine gerry gilbert gillian gina gladys glen glenda ' +
    'glenn gloria gordon graham grant greg gregory greta gwen gwendolyn hailey haley harold harriet harris ' +
    'harrison harvey hayden hayley hazel heath hector heidi helen herbert herman hilary holly homer hope howard ' +
    'hubert hugh humphrey hunter imogen ingrid irene iris irving isaac isaiah isla isobel ivan jackie jackson ' +
    'jacqueline jade jaime jake jamal james jamie jane janet janice jared jayden jayne jean jeanette jeff ' +
    'jeffrey jenna jennie jenny jeremiah jeremy jerome jerry jesse jessie jill jillian jimmy joan joanna joanne ' +
    'jocelyn jodie joel joey johanna johnny jolene jonah jonas jordyn josephine josh josie joyce juan judith ' +
    'judy julian juliana june kaitlyn kara karen kari karl kate katelyn katherine kathleen kathryn kathy katie ' +
    'katrina kayla keira keith kelley kelly kelsey kendra kenneth kenny kent kerry kevin kieran kimberly kirk ' +
    'kirsten kirsty kristen kristin kristina kurt kyle kylie lacey lance larry latoya laurel lauri laurie ' +
    'lawrence leah leanne leila lena leonard leroy leslie lester levi lewis lexi liam lillian lilly linda ' +
    'lindsay lindsey lionel lisa lizzie lloyd logan lois lola loretta lorna lorraine lottie louis louisa lucas ' +
    'lucia lucille lucy luna lydia lynn lynne mabel maddie madeleine madison maggie maisie malcolm mandy marc ' +
    'marcia marcus margaret margot marian marianne marilyn marina marion marissa marjorie marlene marlon marsha ' +
    'marshall martha martyn marvin mary mathew matilda matt maureen maurice maxine maxwell megan melanie ' +
    'melinda mercy meredith merlin micah mickey miguel mike mildred miles millie milo milton mindy miranda ' +
    'miriam misty mitchell moira mollie molly mona monica morgan morris moses muriel myles myra myrtle nadia ' +
    'nadine nancy naomi natalie nate nathan nathaniel neal neil nell nellie nelson nevin nick nicky nicola ' +
    'nigel nikki nina noel nolan nora norma norman olga olive ollie ophelia orlando oscar otis otto owen paige ' +
    'pamela parker patricia patsy patty paula pearl peggy penelope penny percy perry pete phil phillip phoebe ' +
    'phyllis piper polly poppy preston priscilla prudence quentin quinn rachael ralph ramona randall randy ' +
    'raymond rebekah reece reggie reginald reid renee rhonda rhys ricardo richie rick ricky riley rita robbie ' +
    'roberta robin robyn roderick rodney roger roland ronald ronan ronnie rory rosa rosalind rosanna rosemary ' +
    'rosie ross roxanne ruby rudolph rufus rupert russell rusty ruth ryan sabrina sadie sally sammy sandra ' +
    'sandy sara savannah scarlett sean sebastian selina serena seth shane shannon shari sharon shaun shauna ' +
    'shawn sheila shelby sheldon shelley sherry shirley sidney sienna silas simone skye sonia sonya sophia ' +
    'stacey stacy stan stanley stella steph steve stewart stuart summer susan susanna susie suzanne sybil ' +
    'sylvia tabitha tamara tammy tania tanya tara tasha tatiana taylor teresa terrance terri terry tess tessa ' +
    'thelma theo theodore theresa tiffani timothy tina toby todd tommy toni tony tracey tracy travis trevor ' +
    'tricia tristan troy tyrone ursula valentina valentine vanessa vera verity vernon veronica vicki vicky ' +
    'vince vincent viola violet virgil virginia vivian vivien wallace walter wanda warren wayne wendy wesley ' +
    'wilbur wilfred willa willie willow wilma winifred winston yasmin yolanda yvette yvonne zach zachary zara'],
  ['First names heard in French',
    'abel achille adelaide adele adeline adriana agathe agnes aime aimee alban alex alexia aline alix alphonse ' +
    'amandine ambre amelie anais anatole andre andree ange angele angelique annemarie annesophie annick anouk ' +
    'anthonin arlette armand armelle arnaud arsene arthur astrid aubin aude augustin aurelia aurelien auriane ' +
    'axel axelle baptiste barnabe basile bastien beatrix benedicte benjamine berenice bernadette berthe ' +
    'bertrand blaise blanche boris brice brigitte capucine carine cassandre cecile cedric celeste celestin ' +
    'celia chantal charlene charlette charline chloe christelle christiane christophe clarisse claudette ' +
    'claudie claudine clemence clement clementine cleo clothilde clotilde clovis colette coline come constance ' +
    'constant coralie corentin corinne cyprien cyril cyrille damien daphnee davy delphine denis desire desiree ' +
    'dimitri dominique donatien dorian dorothee edgard edmond edouard eglantine eleonore eliane elie eliette ' +
    'elisa elisabeth elise eliza elodie eloi eloise elsa emile emilien emmanuel emmanuelle enguerrand enora ' +
    'erwan esteban estelle etienne eugenie evelyne fabien fabienne fabrice fanny fantine faustine felicie ' +
    'felicien ferdinand fernand fernande firmin flavie flavien fleur flore florent florentin florian florine ' +
    'francine franck francky francoise frederique gaby gael gaelle gaetan garance gaspard gaston gatien gautier ' +
    'genevieve geoffroy georges georgette germain germaine ghislain ghislaine gilberte gilles ginette gisele ' +
    'gontran goulven gregoire guenola guilhem gwenael gwenaelle gwendal helene heloise henri henriette herve ' +
    'hippolyte honore honorine hortense huguette iban ilan ines irenee isaure isidore isis ismael jacinthe ' +
    'jacky jacquotte janine jeanne jeannine jennyfer jeremie joachim jocelyne joelle johan jonathan joris ' +
    'josephe josette josiane josselin judicael jules julia juliane juliette julot justine karim karine katell ' +
    'katia kelian kenza kilian laetitia lambert lana laure laureline laurene laurette laurine lazare leandre ' +
    'leane lenny leon leonie leontine leopold lilian liliane lilou line lise lisette loane loic lorenzo loris ' +
    'louane louison loup luce lucette lucie lucien lucienne lucile ludivine ludovic lydie lylou mael maelle ' +
    'maelys magali malik malo marceau marcel marcelle margaux marguerite marieclaire marieclaude mariehelene ' +
    'marielaure marielle marika marilou marin marine marius marjolaine marthe marylene maryline maryse ' +
    'maryvonne mateo mathias mathieu mathis mathys matthias matthieu maud maxence medard melaine melina melodie ' +
    'melvin micheline mickael mireille morgane moussa mylene myriam nadege nael naelle narcisse natacha ' +
    'nathanael nelly nestor nicole nicolette nino ninon noelie noelle noemie nolwenn norbert nour oceane octave ' +
    'octavie odette odile odilon olivia olympe ombline ophelie oriane orlane oumar pascale patrice patricio ' +
    'paulette paulin perceval perrine pierrette pierrick pierrot prosper rachelle raoul raphaelle rayan ' +
    'raymonde regine regis remi remy renaud rene reynald richarde rodolphe rodrigue rolande romane romaric ' +
    'romeo romuald romy rosalie roselyne roxane sabine sacha salome salomon samira samson samuel sandie ' +
    'sarahlou saskia servane severin severine sidonie simeon sixtine soizic solange solene stanislas steeve ' +
    'stephanie suzette swann sylvain sylvestre tanguy teddy telma theophile therese thibaud thibault thierry ' +
    'thiphaine tiago timeo timothee tiphaine titouan toussaint tugdual ulysse urbain valentin valere valerian ' +
    'vanina violaine violette virgile viviane vladimir wilfried william xavier yael yaelle yanis yann yannick ' +
    'yannis yasmine yoann yohan yolande youna youssef ysaline yvan yves zacharie zelie zephirin zinedine zoelie'],
  ['First names heard in Spanish and Portuguese',
    'abril adela adolfo adriano afonso agustin agustina ainhoa aitana aitor alba albano alberto alcides ' +
    'alejandra alejandro alejo alfonso alfredo alice almudena alonso alvaro amadeu amaia amalia amanda amelia ' +
    'amparo anabel anderson andreia andres angel angeles angelina antonia antonio aparecida araceli ariel ' +
    'armando armindo arturo asuncion augusto aurora bartolome beatriz begona belen benito bento bernardo bianca ' +
    'blanca borja braulio breno bruna caetano caio camila camilo candela carina carlota carmela carmelo ' +
    'carolina cassia catalina cecilia celso cesar cicero clarice claudia claudio cleide conceicao concepcion ' +
    'consuelo cristian cristina cristobal cruz daniela dario davi david debora delfina denilson diogo dolores ' +
    'domingo dora duarte dulce edson eduarda eduardo eliana eliseu eloy emanuel emilio enrique ernesto ' +
    'esperanza ester estrella eugenia eugenio eusebio evandro fabian fabiana fabio fabricio facundo fatima ' +
    'federico felicia felipe fermin fernanda fernando fidel filipa filipe flavia flavio florencia francisca ' +
    'francisco gabriela gerardo gilberto giovana gisela goncalo gonzalo graciela gregorio guadalupe guilherme ' +
    'guillermo gustavo heitor helder helena henrique hernan horacio hugo humberto iara ignacio igor iker imelda ' +
    'inacio inmaculada iracema isabel isadora isidro ivone jacinto jacobo janaina jandira javier jeronimo jesus ' +
    'jimena joana joao joaquim joaquin jorge jose josefa josefina juana juanita juanjo julieta julio jussara ' +
    'lara larissa laura leandra leandro leire leonardo leonel leonor leticia lidia ligia lorena lourdes lucero ' +
    'luciana luciano luciene luis luisa luiz luiza macarena madalena magdalena maite manolo manuel manuela ' +
    'marcela marcelo marcio marcos margarita mariana mariano maribel mario marisa marisol marta martin martina ' +
    'matheus matias mauricio mauro maximo mayra melchor mercedes milagros milena moises montserrat nacho ' +
    'natalia nerea nicolas nilton noelia nuno nuria octavio omar osvaldo otavio paco paloma paola pascual ' +
    'paulina paulo pedro pepe pietra pilar priscila purificacion rafael rafaela raimundo raissa ramiro ramon ' +
    'raquel raul regina reinaldo renan renata renato rigoberto roberto rocio rodolfo rogelio rogerio roman ' +
    'romulo ronaldinho rosangela rosario roxana ruben salvador santiago santos saul sebastiao selena sergio ' +
    'severino silvana silvia simon sofia soledad susana tadeo talita tarcisio telmo thais thiago tomas trinidad ' +
    'valdir valeria valter vanesa vania vasco vicente victor victoria vitor vitoria viviana wagner ximena yuri ' +
    'zelia zulema'],
  ['First names heard in German and Italian',
    'achim adalbert adelheid adolf agata agnese albrecht alda aldo alessandra alessandro alessia alessio ' +
    'alexandra alfio alfons alois alwin ambra amedeo amerigo andreas anette angelika angelo anja anke anna ' +
    'annalisa annamaria annegret annelie anneliese annette annika antje anton antonella antonello antonino ' +
    'arianna armin arnaldo arndt arne arno august bastian battista beate benedetta benedetto benedikt benno ' +
    'bernd bernhard berthold bettina bice birgit birte bjorn bodo brando britta brunhilde burkhard camilla ' +
    'camillo carletto carlo carlotta carmine carsten caterina cesare chiara christa christel christoph cinzia ' +
    'ciro claus concetta constanze corinna cornelia corrado cosimo cristiano dagmar damiano danilo davide ' +
    'detlef diego dieter dietmar dietrich dirk domenico donatella donato doreen dorothea eberhard eckhard ' +
    'edeltraud edoardo egon eleonora elettra elfriede elia elio elisabetta elke elsbeth emanuela emanuele emil ' +
    'emilia emma enrica enrico enza enzo erhard erich erika ermanno ernst erwin ettore evelin ewald fabiola ' +
    'fabrizio falk fausto federica ferdinando filippo filomena finn fiorella fiorenza franca francesca ' +
    'francesco franco franz franziska frauke frida frieda friedhelm friedrich fritz fulvio gabi gabriele ' +
    'gaetano gaia gaspare gennaro georg gerd gerda gerhard gerlinde germana gerold gertrud giacinto giacomo ' +
    'giada giancarlo gianfranco gianluca gianluigi gianmarco gianna gianni gianpaolo gigi ginevra gino gioia ' +
    'giordano giorgia giorgio giovanna giovanni giulia giuliana giuliano giulio giuseppe giuseppina gottfried ' +
    'grazia graziella gregor gudrun guenter guenther guglielmo guido gunther gustav hannah hannelore hannes ' +
    'hanno harald hartmut hauke hedwig heike heiko heiner heinrich heinz helga helge hella helmut hendrik ' +
    'henning heribert hermann hilde hildegard holger horst ignazio ilaria ilona ilse imke immacolata inga inge ' +
    'ingeborg ingo irina irmgard isolde ivana ivano jacopo jakob jana janina jannik jasmin jens jochen johann ' +
    'johannes jorg josef juergen julius jutta karin karla karlheinz karsten kaspar katharina kathrin katja ' +
    'katrin kerstin klara knut konrad konstantin kordula korinna kunigunde lamberto lars lavinia lene leni ' +
    'leonhard letizia licia liesel lieselotte liliana linus livia livio loredana lorenz lorenza lothar lotte ' +
    'luca lucrezia ludwig luigi luigia luise lukas lutz maddalena magda maike maja malte manfred manlio mara ' +
    'marcella marcello marco mareike margarete margherita margit margret mariangela marianna marie marilena ' +
    'marko markus marlies mascia massimiliano massimo mathilde matilde matteo mattia maurizio maximilian ' +
    'mechthild meike melissa merle michaela michela michele mika mimmo mirjam mirko morena moritz natale nello ' +
    'nicoletta nicolo niklas nils noemi nunzia nunzio olaf ombretta onofrio orazio oriana ornella ortrud oskar ' +
    'oswald ottavio ottmar paolo pasquale patrick patrizia peer petra philipp piera pierluigi piero pierpaolo ' +
    'pietro pino raffaele raffaella rainer ralf reiner reinhard reinhold remo renate renzo riccardo rocco rolf ' +
    'romina ronja rosalba rosalia rosaria rosella rosemarie rossana rossella rudi rudolf ruediger ruggero ' +
    'salvatore samanta samuele sandro sarah saverio savino sebastiano settimio siegbert siegfried sieglinde ' +
    'sigrid silke silvano silvio simona sina sonja stefan stefania stefanie stefano steffen steffi susanne sven ' +
    'svenja swantje tancredi tanja tecla thea thekla thilo thomas thorsten till timo tiziana tiziano tobias ' +
    'tommaso torben torsten traute trude tullio ubaldo ulla ulrich ulrike umberto ursel valentino valerio ' +
    'verena veronika viktor viktoria vincenza vincenzo vito vittoria vittorio volker volkmar walburga waldemar ' +
    'walther waltraud wendelin werner wiebke wilhelm wilhelmine willi winfried wolf wolfgang wolfram zita'],
  ['First names heard elsewhere',
    'abdallah abdou abdul abdullah abigael ahmad ahmet aicha akira aleksander aleksandra alexei aliyah amadou ' +
    'amina aminata amir amira anastasia anil anjali ankit arjun ayesha ayse aziz bartosz bilal bogdan chandra ' +
    'cheikh chen danuta deepak dmitri dmitry ebru ekaterina elif emre esra farid farida fatih fatma fatou ' +
    'fatoumata galina ganesh habib hakim halima hamza hana hanna haruki hassan hiroshi hussein ibrahim idris ' +
    'ikram imran ioana jamila jing karima kenji khadija khaled krishna krzysztof kumar lakshmi ling malika ' +
    'mamadou manoj marek mariam mariama marija marwa mehdi mehmet meryem mikhail milan ming mohamad mohammad ' +
    'mohammed mourad moustapha muhammad mustafa nabil nadir nasser natalya nikita nikolai nisha nobuko oksana ' +
    'olena ousmane pavel pawel piotr pooja pradeep prakash priya rachid rahul rajesh rania rashid ravi rekha ' +
    'rohit sabah sachin safia said sakura salim salma samia samir sanjay sergei sergey shiva sita slawomir ' +
    'soumaya stanislav sunil sunita suresh svetlana takashi tarek tatyana tomasz usha vijay vikram vladislav ' +
    'volodymyr walid wang xiao yamina yasin yasmina yassine yevgeny yuki yulia yusuf zahra zainab zeynep zhang ' +
    'zineb'],
]
