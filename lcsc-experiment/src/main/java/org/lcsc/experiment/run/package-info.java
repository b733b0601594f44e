/**
 * Run directories. {@link org.lcsc.experiment.run.RunDirectory} is the main type: the files of one
 * training or search, locked while it runs. {@link org.lcsc.experiment.run.StudyDirectory} is what
 * a study of several searches continues from.
 */
package org.lcsc.experiment.run;
