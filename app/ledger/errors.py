"""Refusals about help records."""

from app.kit.errors import Refusal


class NotVerifiable(Refusal):
    """Only the student's word verifies a record."""

    status = 409
    code = "not_verifiable"
    sentence = "帮扶记录要由学生确认后才能生效。"
    next_step = "请等学生确认，或提醒学生登录确认。"


class RecordExists(Refusal):
    """The need has a record already."""

    status = 409
    code = "record_exists"
    sentence = "这项求助已经有一条帮扶记录。"
    next_step = "请在原记录上继续办理。"


class WordsBlocked(Refusal):
    """The record names a person or carries other private details."""

    status = 422
    code = "words_blocked"
    next_step = "请用“一名学生”之类的说法，去掉姓名、电话、证件号和学校名称。"
