"""No two primary assignments of a student overlap, whoever writes to the database."""

from django.db import migrations

from keywork.no_overlap import ForbidOverlap


class Migration(migrations.Migration):
    dependencies = [("students", "0001_initial")]
    operations = [
        ForbidOverlap(
            "Assignment",
            name="one_primary_at_a_time",
            owner="student_id",
            where="role = 'primary'",
        ),
    ]
