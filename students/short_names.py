"""Common short forms of first names, so that "Ben" in a text is found to be Benjamin."""

# Each line: names that people use for one another's, the longest first.
_FAMILIES = """
abigail abi abbie gail
alexander alex alec sandy xander lex
alexandra alex alexa sandra lexi
alfred alf alfie fred freddie
amelia amy millie mia
andrew andy drew
anthony tony ant
archibald archie
benjamin ben benny benji
bartholomew bart
bethany beth
bradley brad
cameron cam
cassandra cassie
catherine cath cathy katie kate kitty
charles charlie chas
charlotte charlie lottie
christopher chris kit
christina chris chrissie tina
daniel dan danny
daniella dani ella
david dave davey
dominic dom
edward ed eddie ted teddy ned
eleanor ellie nell nora
elizabeth liz lizzie beth betty eliza libby lily
emily em emmie millie
eve evie
evelyn evie eve
francesca fran frankie chess
frances fran frankie
francis frank frankie
frederick fred freddie
gabriel gabe
gabriella gabby ella
george georgie
georgina georgie gina
gregory greg
harold harry hal
harrison harry
harriet hattie
henry harry hal
imogen immy
isabella izzy bella issy
isabel izzy bella issy
jacob jake
jacqueline jackie
james jim jimmy jamie
jayden jay
jennifer jen jenny
jeremy jez jerry
jessica jess jessie
joanne jo
jonathan jon jonny
jordan jord
joseph joe joey
joshua josh
judith judy jude
katherine kath kathy katie kate kitty
kenneth ken kenny
kimberley kim
lawrence larry laurie
leonard leo len lenny
lucas luke
louisa lou
madeleine maddie
madison maddie
margaret maggie meg peggy
matilda tilly mattie
matthew matt matty
maximilian max
megan meg
melissa mel
michael mike mikey mick
mohammed mo mohamed muhammad mohammad
mohamed mo mohammed muhammad mohammad
muhammad mo mohammed mohamed mohammad
nathaniel nat nate nathan
nathan nat nate
natalie nat
natasha tasha nat
nicholas nick nicky
nicola nicky nic
oliver ollie olly
olivia liv livvy
oscar ozzy
patricia pat trish
patrick pat paddy
penelope penny
peter pete
philip phil pip
phillip phil pip
phoebe phebs
poppy pops
rebecca becky bex becca
reginald reg reggie
richard rich rick dick richie
robert rob bob bobby robbie
ronald ron ronnie
rosemary rose rosie
samantha sam sammy
samuel sam sammy
sarah sal sally
sebastian seb bas
sophia soph sophie
stephanie steph
stephen steve stevie
steven steve stevie
susan sue susie
theodore theo ted teddy
theresa tess terry
thomas tom tommy
timothy tim timmy
toby tobes
victoria vicky tori
vincent vince vinnie
william will bill billy liam
winifred winnie
zachary zach zack zak
"""
SHORT_FORMS: dict[str, frozenset[str]] = {}
for _line in _FAMILIES.split("\n"):
    if _line:
        _name, *_short = _line.split()
        SHORT_FORMS[_name] = frozenset(_short) | SHORT_FORMS.get(_name, frozenset())


def forms_of(first_name: str) -> frozenset[str]:
    """Give a first name and its common short forms, in small letters."""
    plain = first_name.casefold()
    return frozenset({plain}) | SHORT_FORMS.get(plain, frozenset())
