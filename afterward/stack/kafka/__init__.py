"""Apache Kafka on this machine, from Maven's jars: one node, broker and controller in one (KRaft)."""

from afterward.stack.kafka.jars import VERSION, available
from afterward.stack.kafka.node import Kafka, NodeOptions

__all__ = ["VERSION", "Kafka", "NodeOptions", "available"]
