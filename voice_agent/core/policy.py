"""The numbers and sentences of a call that an operator may tune: `config/policy.yaml`, one key a field.

Defaults are good; an empty file works. Changing one changes calls, so a policy travels in each journal.
"""

from dataclasses import dataclass, replace
from typing import Literal

from voice_agent.core.words import RedactedText, Seconds

T = RedactedText
Recording = Literal["none", "notice", "consent"]
"""What the caller is told of the written record of their call, before there is one; with "consent" there is none without their yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    # Turn taking: seconds of the caller's media clock.
    speech_probability: float = 0.5
    """A window with at least this probability (0 to 1) counts as speech."""
    onset_speech: Seconds = 0.06
    """Speech inside `onset_within` that opens an utterance. Short, so that a bare "yes" is caught."""
    onset_within: Seconds = 0.2
    lead_in: Seconds = 0.3
    """Audio kept before the onset, so that first consonants are not cut."""
    first_pause: Seconds = 0.15
    """Silence after which transcription starts, on suspicion; thrown away if the caller goes on."""
    reply_pause: Seconds = 0.3
    """Silence that ends a bare yes, no, thanks or goodbye."""
    question_pause: Seconds = 0.45
    """Silence that ends a complete question."""
    end_pause: Seconds = 0.7
    """Silence that ends anything else (MODELS.md: at 0.7 s, 6.5 % of natural pauses are taken for the end)."""
    open_pause: Seconds = 1.6
    """Silence that ends a sentence which is open: "my name is", "because"; or nothing but an opening: "wait, sorry"."""
    digits_pause: Seconds = 2.0
    """Silence that ends a number or a name being spelled out."""
    longest_utterance: Seconds = 28.0
    """Whisper hears 30 s at most; a longer utterance is taken in pieces of this length."""
    barge_in_speech: Seconds = 0.14
    """Speech inside `barge_in_within` that stops the agent's voice; of a cough the detector hears less. If it was nothing, it goes on."""
    barge_in_within: Seconds = 0.3
    least_level: float = -45.0
    """dBFS. Speech quieter than this does not interrupt."""
    beside: float = 12.0
    """dB. Speech this much quieter than the caller's own is somebody beside them, or our echo, and does not interrupt."""

    least_speech: Seconds = 0.12
    """Utterances with less speech than this are noise, and are not transcribed."""
    no_match_speech: Seconds = 0.6
    """Wordless sound with at least this much speech is asked about; less is passed over."""
    resume_speech: Seconds = 0.16
    """Speech inside `barge_in_within`, while we still think, that means the caller goes on."""

    # Waiting: seconds of the call's clock.
    media_gap: Seconds = 2.0
    """Without any audio for this long, an open utterance counts as ended."""
    card_pause: Seconds = 5.0
    """Silence after a card number, until we listen again."""
    keys_pause: Seconds = 4.0
    """Without another key, while a number is typed, until it counts as complete."""
    no_input_after: Seconds = 8.0
    """Silence after the agent has finished, until it asks again."""
    transcribe_within: Seconds = 12.0
    think_within: Seconds = 15.0
    """For understanding, searching and the first sentence together."""
    filler_after: Seconds = 1.2
    """Without a word of the answer, until one of `fillers` is said."""
    sentence_within: Seconds = 15.0
    """For each further sentence of an answer."""
    speech_slack: Seconds = 5.0
    """Beyond a speech's own length, until its mark is given up on."""
    speech_start_within: Seconds = 10.0
    """From asking for a speech until its audio is made."""
    queue_within: Seconds = 5.0
    """For storing a handover."""
    ring_for: Seconds = 20.0
    """An agent on duty, for a call; then the next one is rung, and who did not answer is away."""
    wait_notice_every: Seconds = 20.0
    """Between two words on how it stands, while the caller waits for a person."""
    wait_at_most: Seconds = 180.0
    """In the queue on the phone page, until the caller is asked (again) whether they would rather be called back."""
    longest_bridge: Seconds = 4 * 3600.0
    longest_call: Seconds = 3600.0
    """With the assistant; then the call goes to a person."""

    # Judging words.
    least_confidence: float = 0.35
    """Transcripts below this (0 to 1) count as not understood."""
    most_no_speech: float = 0.9
    """Transcripts at or above this (0 to 1) count as noise."""
    answer_confidence: float = 0.5
    """The documents answer the question from here on (0 to 1, calibrated by the knowledge base)."""
    sure_confidence: float = 0.65
    """Below this an answer counts towards `low_confidence_in_row`."""

    # Numbers to call back on, in digits.
    least_digits: int = 10
    most_digits: int = 15
    """The longest telephone number there is, with its country code (E.164)."""

    # Sentences. {company} stands for the company's name, {ending} for the last two digits of the caller's number; {position} is the
    # caller's place in the queue, and {wait} a time: "about two minutes".
    notice: tuple[T, ...] = (
        T("Hello, this is the automated assistant of {company}."),
        T("This call is transcribed to help you, and is not recorded."),
    )
    """Spoken first, and not interruptible. So are the two that take its place:"""
    notice_recorded: tuple[T, ...] = (
        T("Hello, this is the automated assistant of {company}."),
        T("This call is transcribed, and a written record of it is kept, without personal details."),
    )
    """With `recording: notice`."""
    notice_consent: tuple[T, ...] = (
        T("Hello, this is the automated assistant of {company}."),
        T("This call is transcribed to help you. May we keep a written record of it, without personal details?"),
        T("Press one, or say yes. Otherwise none is kept."),
    )
    """With `recording: consent`."""
    consent_given: T = T("Thank you.")
    consent_refused: T = T("All right, no record of this call is kept.")
    """The greeting follows."""
    greeting: T = T("How can I help?")
    card: T = T(
        "Please don't tell me your card number. I take no payments, and I have stopped listening. "
        "Press zero for a person. To go on with me, stay silent for a moment, or press the pound key."
    )
    """When the caller reads out a card number, or is about to."""
    card_over: T = T("I'm listening again. What else can I help you with?")
    fillers: tuple[T, ...] = (T("One moment, please."), T("Let me look that up."), T("Just a second."))
    reprompts: tuple[T, ...] = (
        T("I'm sorry, I didn't hear anything. What can I help you with?"),
        T("I'm still here. You can ask me a question, or press zero for a person."),
        T("Are you still there? Take your time, I'm listening."),
        T("I can't hear anything at the moment. If you're speaking, please come closer to the phone."),
    )
    no_match: tuple[T, ...] = (
        T("Sorry, I didn't catch that. Could you say it again?"),
        T("I still couldn't make that out. Could you put it in other words, or press zero for a person?"),
        T("I'm sorry, the line isn't clear. Could you say it once more, in a few words?"),
        T("That was hard to hear. What is it about?"),
    )
    abstain: tuple[T, ...] = (
        T("I'm sorry, I don't have that in our documents. Is there anything else I can look up, or would you like a person?"),
        T("That isn't something I can find either. I can try another question, or connect you to a person."),
        T("I've looked, and that isn't in our documents either. Shall I connect you to a person?"),
    )
    failure: tuple[T, ...] = (
        T("I'm sorry, something went wrong on my side. Could you ask me that again?"),
        T("I'm sorry, that still isn't working on my side."),
        T("I'm sorry, it went wrong once more. Could you try it in other words?"),
    )
    more_detail: T = T("Would you like more detail?")
    """Behind an answer that was cut to what a listener keeps."""
    courtesy: T = T("You're welcome. Is there anything else I can help with?")
    handing_over: T = T("I'm connecting you to a colleague.")
    """For a handover that no rule of the operator's asked for, such as at the end of a very long call."""
    fallback_queue: str = "support"
    """For the same."""
    offer_declined: T = T("All right. What else can I help you with?")
    waiting: tuple[T, ...] = (
        T("You're number {position} in the line. Please stay on, I'm getting someone for you."),
        T("Thank you for waiting. You're number {position} in the line."),
    )
    waiting_time: T = T("I expect it to take {wait}.")
    """Behind it, when calls of late tell."""
    ringing: T = T("A colleague's phone is ringing now. Please stay on the line.")
    callback_hint: T = T("If you'd rather be called back, press one, or say: call me back.")
    nobody_free: T = T(
        "I'm sorry, nobody is free just now. Would you like a colleague to call you back? "
        "Press one or say yes. Or stay on the line, and I'll keep trying."
    )
    """When everybody has been tried, nobody is there, or the wait has become long."""
    keep_waiting: T = T("All right. Please stay on the line, I'll keep trying.")
    taken_out: T = T("All right, I've taken you out of the line. What can I help you with?")
    """For a caller who waits and wants the assistant after all."""
    person_lost: T = T("I'm sorry, we've lost your colleague. Please stay on the line, I'm getting someone for you again.")
    closed: tuple[T, ...] = (
        T("I'm sorry, nobody is there to take calls at this hour. Would you like a colleague to call you back?"),
        T("There's still nobody there. I can have a colleague call you back, or we go on here. Shall they call you?"),
    )
    """In place of a handover to a queue outside its hours."""
    full: tuple[T, ...] = (
        T("I'm sorry, too many callers are waiting already. Would you like a colleague to call you back?"),
        T("The line is still full. I can have a colleague call you back, or we go on here. Shall they call you?"),
    )
    """In place of a handover to a queue in which as many wait as may."""
    connected: T = T("You're through now.")
    declined: T = T("I'm sorry, nobody could take the call just now. Would you like a colleague to call you back?")
    callback_number: T = T("Please say your phone number with the area code. Or type it on the keypad, and press the pound key at the end.")
    callback_again: T = T("Let's try that once more. Please type the whole number on the keypad, and then press the pound key.")
    callback_confirm: T = T("I have a number that ends in {ending}. Is that right?")
    callback_spoken: T = T("I heard {number}. Is that right?")
    """Behind a number that was said: {number} is all of it."""
    callback_stored: T = T("Thank you. A colleague will call you back on that number. Goodbye.")
    """The last words of the call."""
    person_left: T = T("Your colleague has left the call. Thank you for calling. Goodbye.")
    goodbye: T = T("Thank you for calling. Goodbye.")

    # From other files than policy.yaml.
    company: str = "our company"
    """knowledge.yaml: company."""
    recording: Recording = "none"
    """privacy.yaml: recording."""

    @property
    def opening(self) -> tuple[T, ...]:
        """The notice as it is spoken."""
        said = {"none": self.notice, "notice": self.notice_recorded, "consent": self.notice_consent}[self.recording]
        return tuple(T(text.replace("{company}", self.company)) for text in said)

    def where(self, other: "Policy") -> "Policy":
        """This policy.yaml, where the other files are those of `other`."""
        return replace(self, company=other.company, recording=other.recording)
