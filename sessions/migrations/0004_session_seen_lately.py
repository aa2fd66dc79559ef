"""An index that says by itself who was seen lately: a school's due list reads nothing else."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("keywork_sessions", "0003_target_school_closed_on")]

    operations = [
        migrations.AddIndex(
            model_name="keyworksession",
            index=models.Index(
                condition=models.Q(withdrawn_at=None),
                fields=["school", "held_on", "student", "status", "missed_reason", "id"],
                name="session_seen_lately",
            ),
        ),
    ]
