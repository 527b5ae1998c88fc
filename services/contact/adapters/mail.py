"""E-mail by SMTP: one message for each event, under a Message-ID that is the same at every attempt."""

import json
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from chassis.clock import real_now
from services.contact.adapters.port import DELIVERED, Letter, Result, failed
from services.contact.subscriptions import BadSubscriptions, MailServer

TEMPORARY = range(400, 500)


class Mail:
    """To one mailbox. Raises BadSubscriptions when the server's password cannot be read."""

    def __init__(self, server: MailServer, to: str) -> None:
        self._server, self._to = server, to
        self._password = _password(server)

    async def deliver(self, letter: Letter) -> Result:
        """Hands the message to the server, which sees to the rest."""
        server = self._server
        try:
            await aiosmtplib.send(
                self._message(letter),
                hostname=server.host,
                port=server.port,
                username=server.username,
                password=self._password,
                use_tls=server.tls == "implicit",
                start_tls=server.tls == "starttls",
            )
        except aiosmtplib.SMTPTimeoutError:
            raise TimeoutError from None
        except (aiosmtplib.SMTPException, OSError) as error:
            return _what_failed(error)
        return DELIVERED

    def _message(self, letter: Letter) -> EmailMessage:
        name = letter.event_type.split(".")[1]
        message = EmailMessage()
        message["From"] = self._server.sender
        message["To"] = self._to
        message["Subject"] = f"Afterward: {name}"
        message["Message-ID"] = f"<{letter.delivery_id}@{self._server.sender.rpartition('@')[2]}>"
        message["Date"] = format_datetime(real_now())
        message["Auto-Submitted"] = "auto-generated"
        fields = json.dumps(letter.content, ensure_ascii=False, indent=2)
        message.set_content(f"{name}\n\n{fields}\n")
        return message


def _password(server: MailServer) -> str | None:
    if server.password_file is None:
        return None
    try:
        return server.password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSubscriptions(f"mail.password_file cannot be read: {type(error).__name__}") from None


def _what_failed(error: Exception) -> Result:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        temporary = all(one.code in TEMPORARY for one in error.recipients)
        return failed("server_error" if temporary else "refused")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return failed("server_error" if error.code in TEMPORARY else "refused")
    return failed("unreachable")
