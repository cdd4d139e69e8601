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


class WrongFile(Refusal):
    """The upload is no workbook by its content, whatever its name says."""

    status = 422
    code = "wrong_file"
    sentence = "这个文件不是 Excel 或 WPS 表格。"
    next_step = "请上传 .xlsx、.xls 或 .ods 文件。"


class FileTooLarge(Refusal):
    """The upload is larger than one import through the page may be."""

    status = 422
    code = "file_too_large"
    sentence = "文件超过 10 MB。"
    next_step = "请删去图片，或分成几个文件，分次导入。"


class NotReady(Refusal):
    """The run is not at the step this act needs: still reading, confirmed already, or given up."""

    status = 409
    code = "import_not_ready"
    sentence = "这次导入现在不能进行这一步。"
    next_step = "请刷新页面查看进展。"


class NothingChosen(Refusal):
    """There is no row to write."""

    status = 422
    code = "nothing_chosen"
    sentence = "没有可以写入的行。"
    next_step = "请按每一行的说明改好表格，再上传一次。"


class MayNotImport(Refusal):
    """The account named on the command line has no appointment that may import."""

    status = 403
    code = "may_not_import"
    sentence = "这个账号没有可以导入的任职。"
    next_step = "请用学校、县区、地市或省级团委干部的账号。"


class FileTrouble(Refusal):
    """A file of the command line cannot be read or written."""

    code = "file_trouble"
    sentence = "文件打不开。"
    next_step = "请检查路径和权限。"
