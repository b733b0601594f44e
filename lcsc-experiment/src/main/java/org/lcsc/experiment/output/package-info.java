/**
 * What a command shows and writes for people: progress, tables, sample grids, CSV files. {@link
 * org.lcsc.experiment.output.ProgressBar}, {@link org.lcsc.experiment.output.TextTable}, {@link
 * org.lcsc.experiment.output.SampleGrid} and {@link org.lcsc.experiment.output.CsvWriter} are the
 * main types.
 */
package org.lcsc.experiment.output;
