/**
 * What came of a run, as a page and as plots: {@link org.lcsc.cli.report.RunData} reads a run
 * directory, {@link org.lcsc.cli.report.ReportPage} makes one self-contained HTML file of one or
 * more of them, {@link org.lcsc.cli.report.PlotFiles} writes the plots as files, and {@link
 * org.lcsc.cli.report.LiveReport} keeps the page up to date while a training runs.
 */
package org.lcsc.cli.report;
