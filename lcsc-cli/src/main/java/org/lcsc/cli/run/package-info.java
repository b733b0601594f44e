/**
 * Run directories. {@link org.lcsc.cli.run.RunDirectory} is the main type: the files of one
 * training, locked while it runs.
 */
package org.lcsc.cli.run;
