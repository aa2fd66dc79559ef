"""The demo school: invented, always in term, alive on any day it is started."""
