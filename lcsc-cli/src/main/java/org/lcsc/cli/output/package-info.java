/**
 * What a command shows and writes for people: progress, tables, sample grids, CSV files. {@link
 * org.lcsc.cli.output.ProgressBar}, {@link org.lcsc.cli.output.TextTable}, {@link
 * org.lcsc.cli.output.SampleGrid} and {@link org.lcsc.cli.output.CsvWriter} are the main types.
 */
package org.lcsc.cli.output;
