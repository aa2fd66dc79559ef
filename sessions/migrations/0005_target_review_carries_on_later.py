"""A target carried on is looked at again after the day it was judged."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("keywork_sessions", "0004_session_seen_lately")]

    operations = [
        migrations.AddConstraint(
            model_name="targetreview",
            constraint=models.CheckConstraint(
                condition=Q(extended_to=None) | Q(extended_to__gt=F("reviewed_on")),
                name="target_review_carries_on_later",
            ),
        ),
    ]
