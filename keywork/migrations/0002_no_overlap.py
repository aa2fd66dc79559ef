"""A school's half terms do not overlap: every day lies in one at most."""

from django.db import migrations

from keywork.no_overlap import ForbidOverlap


class Migration(migrations.Migration):
    dependencies = [("keywork", "0001_initial")]
    operations = [ForbidOverlap("HalfTerm", name="one_half_term_at_a_time", owner="school_id")]
