"""Refusals of the workbook import."""

from app.kit.errors import Refusal


class NotAWorkbook(Refusal):
    """The file cannot be read as a spreadsheet."""

    status = 422
    code = "not_a_workbook"
    sentence = "这个文件不是能读取的表格。"
    next_step = "请用 Excel 或 WPS 打开它，另存为 .xlsx 后再上传；有密码的请先取消密码。"


class WorkbookTooLarge(Refusal):
    """The file or one of its sheets is larger than one import may be."""

    status = 413
    code = "workbook_too_large"
    sentence = "这个表格太大了，一次最多 20 MB、每张表 20,000 行。"
    next_step = "请分成几个文件，分次导入。"


class NothingToImport(Refusal):
    """No sheet of the workbook has a header row that the import knows."""

    status = 422
    code = "nothing_to_import"
    sentence = "表格里没有找到可以导入的工作表。"
    next_step = "请使用模板：实习岗位、租赁房源、志愿者、资助意向，表头不要删除。"
