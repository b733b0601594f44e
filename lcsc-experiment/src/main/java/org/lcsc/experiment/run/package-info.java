/**
 * Run directories. {@link org.lcsc.experiment.run.RunDirectory} is the main type: the files of one
 * training or search, locked while it runs.
 */
package org.lcsc.experiment.run;
