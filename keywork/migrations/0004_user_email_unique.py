"""One account an e-mail address."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("keywork", "0003_user_known_as")]

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                Lower("email"), condition=~Q(email=""), name="user_email_unique"
            ),
        ),
    ]
