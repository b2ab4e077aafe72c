"""The topic by which people are told of alarms and events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_kms as kms

__all__ = ["Notifications"]


class Notifications(Construct):
    """An encrypted topic, TLS only, that e-mails or calls whom the settings name."""

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey, notify: Sequence[str]) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", master_key=key, enforce_ssl=True)
        for principal in ("cloudwatch.amazonaws.com", "events.amazonaws.com"):
            self.topic.grant_publish(iam.ServicePrincipal(principal))
        for address in notify:
            subscription = (
                subscriptions.UrlSubscription(address)
                if address.startswith("https://")
                else subscriptions.EmailSubscription(address)
            )
            self.topic.add_subscription(subscription)
