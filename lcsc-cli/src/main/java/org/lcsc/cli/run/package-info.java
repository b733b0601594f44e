/**
 * Run directories. {@link org.lcsc.cli.run.RunDirectory} is the main type: the files of one
 * training or search, locked while it runs. {@link org.lcsc.cli.run.StudyDirectory} is what a study
 * of several searches goes on from.
 */
package org.lcsc.cli.run;
