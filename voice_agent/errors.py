"""Everything that can go wrong and is not a bug.

    VoiceAgentError
    ├── ConfigError      a configuration file or variable is wrong      fault: operator
    ├── InputError       a line, file or argument given to a door       fault: user
    ├── ModelFileError   a model file is missing or has a wrong hash    fault: operator
    ├── ProtocolError    a peer broke the wire protocol                 fault: peer
    ├── RefusedError     a signature, token or login does not hold      fault: peer
    └── PortError        a vendor, model, store or queue failed         fault: vendor

Each carries a `code` (stable, for logs and journals), whose `fault` it is, and whether `retry` can help.
Messages say what, where and how to mend it, and never hold a caller's words.
Bugs are not in this tree: they raise what they raise and end the call's task group.
"""

from typing import ClassVar, Literal

Fault = Literal["operator", "user", "peer", "vendor"]


class VoiceAgentError(Exception):
    """The root, for `except` at the doors. Not raised itself."""

    fault: ClassVar[Fault] = "operator"

    def __init__(self, message: str, *, code: str, retry: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retry = retry


class ConfigError(VoiceAgentError):
    """A configuration file, or an environment variable, is wrong. Names file, line, key and the mend."""


class InputError(VoiceAgentError):
    """What a person gave to a door of the command line cannot be used. Names the line or file."""

    fault = "user"


class ModelFileError(VoiceAgentError):
    """A model file is missing, or is not the file the lock names."""


class ProtocolError(VoiceAgentError):
    """A peer on a websocket broke the protocol. `close_code` is the RFC 6455 code to close with."""

    fault = "peer"

    def __init__(self, message: str, *, code: str, close_code: int = 1008) -> None:
        super().__init__(message, code=code)
        self.close_code = close_code


class RefusedError(VoiceAgentError):
    """A signature, a token or a login does not hold. Answered with 403, or close code 1008."""

    fault = "peer"


class PortError(VoiceAgentError):
    """Something behind a port failed: a model, a vendor's API, a store. `retry` says whether another try may work."""

    fault = "vendor"
