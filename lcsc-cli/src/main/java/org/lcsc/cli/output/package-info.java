/**
 * What commands show and write for people. {@link org.lcsc.cli.output.ProgressBar}, {@link
 * org.lcsc.cli.output.TextTable} and {@link org.lcsc.cli.output.SampleGrid} are the main types.
 */
package org.lcsc.cli.output;
