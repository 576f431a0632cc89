from seqlabel.reports.inspection import show_batch as show_batch
from seqlabel.reports.inspection import summary as summary
from seqlabel.reports.page import write_page as write_page
from seqlabel.reports.plots import plot_losses as plot_losses
from seqlabel.reports.report import Report as Report
