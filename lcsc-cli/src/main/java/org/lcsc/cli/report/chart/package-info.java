/**
 * Line charts as SVG and PNG, without a display and without a library: {@link
 * org.lcsc.cli.report.chart.Chart} says what is shown, {@link
 * org.lcsc.cli.report.chart.ChartLayout} turns it into marks for a width, {@link
 * org.lcsc.cli.report.chart.SvgWriter} and {@link org.lcsc.cli.report.chart.PngWriter} write them.
 */
package org.lcsc.cli.report.chart;
