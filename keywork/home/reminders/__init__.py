"""Who is told what, and when: decided here alone, from the one list of duties.

`schedule` says when each step of a school's day comes, `deciding` who is told what, `kinds` what
a message says when its turn comes. `keywork.outbox` alone sends.
"""

from keywork.home.reminders.schedule import forget_old_steps, remind_all, remind_by_hand

__all__ = ["forget_old_steps", "remind_all", "remind_by_hand"]
