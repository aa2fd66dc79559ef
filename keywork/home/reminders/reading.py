"""What the reminders of one school and day are decided from, each part read once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from django.db.models import F

from keywork.duties import Duty
from keywork.home.duties import Standing, standing_of
from keywork.models import OutboxMessage, School, StaffMember, StaffRole, User
from keywork.outbox.hours import at
from keywork.roles import Role
from keywork.term_dates import SchoolCalendar
from sessions.models import KeyworkSession
from students.change_notices import unread_by_person

# When people may ask to be told what is due; the first is what nobody chose.
HOURS = (time(8, 5), time(9), time(10, 30), time(12), time(13, 30), time(15))
# How far milestones look ahead, in calendar days: twenty school days and a half term's break.
HORIZON_DAYS = 42
# Told of what stays late; the first of these roles that somebody holds.
ESCALATED_TO = (Role.SENCO, Role.HEAD_OF_CARE, Role.SLT, Role.HEAD)
# Owners of duties that are a role.
OWNER_ROLES = {"senco": Role.SENCO}


@dataclass(frozen=True)
class Reading:
    """A school on a school day. Constant queries, made when a step first needs their answer."""

    school: School
    on: date
    calendar: SchoolCalendar

    @cached_property
    def standing(self) -> Standing:
        """Give the duties, with the coming ones that milestones look ahead to."""
        return standing_of(
            self.school, self.on, calendar=self.calendar, horizon=HORIZON_DAYS, near=True
        )

    @cached_property
    def _holders(self) -> dict[Role, list[User]]:
        """Give role → people in post who hold it, in one query; each person is one object."""
        posts = StaffMember.objects.filter(school=self.school).in_post(self.on)
        rows = StaffRole.objects.filter(
            staff_member__in=posts, staff_member__user__is_active=True
        ).select_related("staff_member__user")
        people: dict[int, User] = {}
        holders: dict[Role, list[User]] = defaultdict(list)
        for row in rows.order_by("staff_member__user__username"):
            user = people.setdefault(row.staff_member.user_id, row.staff_member.user)
            holders[Role(row.role)].append(user)
        return holders

    @cached_property
    def staff(self) -> dict[int, User]:
        """Give id → everybody in post with a role and an active account."""
        return {user.pk: user for held in self._holders.values() for user in held}

    def holding(self, *roles: Role) -> list[User]:
        """Give who holds the first of these roles that somebody holds."""
        return next((self._holders[role] for role in roles if self._holders.get(role)), [])

    @cached_property
    def owed_by(self) -> dict[int, list[Duty]]:
        """Give user id → their duties; what a role owes is owed by each who holds it."""
        owed: dict[int, list[Duty]] = defaultdict(list)
        for duty in self.standing.duties:
            for owner in self._owners_of(duty):
                owed[owner].append(duty)
        return owed

    def _owners_of(self, duty: Duty) -> Iterable[int]:
        if duty.owner_id is not None:
            return [duty.owner_id]
        role = OWNER_ROLES.get(duty.owner)
        return [user.pk for user in self._holders.get(role, [])] if role else []

    @cached_property
    def planned(self) -> dict[int, list[tuple[int, date]]]:
        """Give user id → (student id, day) of sessions planned for today and the next school day.

        Planned by nobody in particular: the student's key worker's.
        """
        rows = KeyworkSession.objects.planned().filter(
            school=self.school, held_on__in=[day for day in (self.on, self.next_day) if day]
        )
        planned: dict[int, list[tuple[int, date]]] = defaultdict(list)
        students = self.standing.roll.by_id
        for student, key_worker, day in rows.values_list(
            "student_id", "key_worker_id", F("held_on")
        ).order_by("held_on", "pk"):
            owner = key_worker or (students[student].owner_id if student in students else None)
            if owner is not None:
                planned[owner].append((student, day))
        return planned

    @cached_property
    def told(self) -> dict[int, list[str]]:
        """Give user id → names of students of whom a colleague told them, unread, since lately.

        Since the school day before: what is not read after a second morning is not said a third.
        """
        since = self.calendar.previous_school_day(self.on - timedelta(days=1))
        return unread_by_person(self.school, self.on, since)

    @cached_property
    def next_day(self) -> date | None:
        """Give the next school day."""
        return self.calendar.add_school_days(self.on, 1)

    def escalated_before(self, kind: str) -> set[str]:
        """Give the keys of the duties that messages of this kind told of on earlier days."""
        rows = OutboxMessage.objects.filter(
            school=self.school, kind=kind, due_on__lt=self.on
        ).values_list("data", flat=True)
        return {key for data in rows.iterator() for key in data.get("duties", ())}

    def lapses_at(self) -> datetime:
        """Give when this day's messages are no longer worth sending: at the school's last hour."""
        return at(self.on, self.school.messages_until)

    def hour_of(self, user: User) -> time:
        """Give from when somebody is told, which no school hour may rule out."""
        within = self.school.messages_from <= user.digest_at < self.school.messages_until
        return user.digest_at if within and user.digest_at in HOURS else self.school.messages_from
