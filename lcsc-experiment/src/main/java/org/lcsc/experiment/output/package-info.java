/**
 * Tables as CSV files: {@link org.lcsc.experiment.output.CsvWriter} writes them, {@link
 * org.lcsc.experiment.output.CsvReader} reads them back.
 */
package org.lcsc.experiment.output;
