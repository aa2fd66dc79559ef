"""Invented names and sentences that synthetic records are made of."""

from random import Random

FIRST_NAMES = (
    *("Abena", "Adil", "Aleks", "Amara", "Anwen", "Ayesha", "Bartek", "Beatrix", "Caleb"),
    *("Carys", "Chidi", "Daisy", "Dariusz", "Dev", "Edie", "Elif", "Ezra", "Farah", "Finley"),
    *("Gethin", "Gwen", "Hamza", "Harriet", "Idris", "Imani", "Iona", "Jaya", "Jonah", "Kasia"),
    *("Kofi", "Layla", "Leon", "Lowri", "Mabel", "Malik", "Mina", "Nadia", "Niall", "Ola"),
    *("Oscar", "Petra", "Priya", "Quinn", "Rafe", "Rosa", "Samir", "Seren", "Tomasz", "Uma"),
    *("Vikram", "Willa", "Xanthe", "Yusuf", "Zainab", "Zeb"),
)
LAST_NAMES = (
    *("Ackersley", "Arkwell", "Bexfield", "Birtwhistle", "Brindlow", "Carnaby", "Chorltham"),
    *("Cobbold", "Dunthorne", "Eastbury", "Ellerby", "Fairclough", "Farrowdale", "Garside"),
    *("Greatorex", "Hallamore", "Hebblewick", "Ibbotson", "Inskip", "Jessop", "Kettlewood"),
    *("Kirkbride", "Langstrothe", "Lumley", "Marchbank", "Micklethwaite", "Nettleship"),
    *("Normanby", "Oldroyd", "Osgathorp", "Pendlebury", "Quarmby", "Rawcliffe", "Ridsdale"),
    *("Sowerby", "Stainforth", "Tattersley", "Thistlewood", "Underhay", "Varley", "Wadsworth"),
    *("Wetherill", "Winterbourne", "Yeadon", "Yewdale"),
)
SCHOOL_NAMES = (
    *("Alderbrook", "Bramblecote", "Copperfold", "Dovestones", "Elmscar", "Fernhollow"),
    *("Greystile", "Hawkshead Moor", "Ivelet", "Juniper Bank", "Kestrel Edge", "Larkrise"),
    *("Millrace", "Nab Wood", "Otterburn Lane", "Peartree", "Quarry Bank", "Rowan Fold"),
    *("Sandbeck", "Thornlea"),
)
OPENINGS = (
    "We began with the week so far.",
    "We walked round the field and talked.",
    "A quiet start; we looked at the timetable first.",
    "Came in cheerful and wanted to talk about the weekend.",
    "Tired today, so we kept it short and simple.",
    "We started from last time's target and what had got in the way.",
)
MIDDLES = (
    "Maths has gone better since the seat was changed, and the exit card was used twice.",
    "English is still hard: long writing tasks bring on a wish to leave the room.",
    "We went through the moment on Tuesday step by step, and what could be said next time.",
    "Breaks are the hardest part of the day; the library at lunch helps when it is open.",
    "Getting in on time depends on the bus, and a text from home the evening before helps.",
    "We looked at the work in the folder together and chose one piece to be proud of.",
    "There was a falling-out with a friend; we wrote down what each of them might be thinking.",
    "The breathing card is on the desk and has been used without a prompt.",
    "Homework was handed in three times out of four, with the planner signed each time.",
    "We read the plan's outcome together and put it into plain words.",
)
CLOSINGS = (
    "Left calm and ready for the next lesson.",
    "We agreed to look at this again next time.",
    "Asked for the same time next week.",
    "Chose to tell the form tutor about it.",
    "Would like home to hear the good part.",
)
PUPIL_WORDS = (
    "It is better when I know what comes next.",
    "I can do it if nobody is watching.",
    "Lunch is too loud.",
    "I was proud of the model I made.",
    "I want to try staying in for the whole lesson.",
    "Ask me in the morning, not after break.",
    "I don't know yet.",
)
STRATEGIES = (
    "Exit card on the desk, no questions asked.",
    "Instructions one at a time, and on paper.",
    "A minute's warning before a change.",
    "Seat near the door, back to the wall.",
    "Praise quietly, not in front of the class.",
    "Ten minutes with the allotment team after lunch.",
)
TARGETS = (
    ("behaviour", "Show the exit card before leaving a lesson", "5 lessons"),
    ("behaviour", "Use one of my three sentences when somebody annoys me", "5 days"),
    ("learning", "Start the first task within five minutes", "10 lessons"),
    ("learning", "Write four sentences without help in English", "4 pieces"),
    ("attendance", "Be at registration by 8.45", "10 days"),
    ("semh", "Tell an adult when it gets too much", "5 days"),
    ("communication", "Ask for the instruction again when it was too fast", "10 lessons"),
    ("social_skills", "Join one club at lunch", "2 weeks"),
    ("life_skills", "Pack the bag the evening before", "5 evenings"),
)
ACTIONS = (
    "Tell the maths teacher about the new seat",
    "Ask the library about Tuesday lunch",
    "Send the week's good news home",
    "Print the breathing card again",
    "Bring the planner next time",
)
SLIPS = (
    "Called out three times while the task was explained, and would not move seat.",
    "Left the room without the card and came back after ten minutes.",
    "Pushed past others in the queue and swore when asked to go to the end of it.",
    "Did not begin the work, with two reminders and help with the first line.",
    "Threw a ruler across the table; it hit nobody.",
    "Said something unkind about somebody's shoes, and laughed when told to stop.",
)
REWARDS = (
    "Began at once and kept going to the end.",
    "Helped to carry the chairs without being asked.",
    "Used the card, took two minutes and came back ready.",
    "Read aloud to the class for the first time.",
    "Owned up and put it right the same day.",
)


def talks(rng: Random, number: int) -> list[str]:
    """Give texts of a session, 200 to 400 characters long, to choose from."""
    made: list[str] = []
    while len(made) < number:
        middle = rng.sample(MIDDLES, rng.choice((2, 3)))
        text = " ".join([rng.choice(OPENINGS), *middle, rng.choice(CLOSINGS)])
        if 200 <= len(text) <= 400:
            made.append(text)
    return made
