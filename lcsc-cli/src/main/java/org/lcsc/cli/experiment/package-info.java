/**
 * From a configuration to the objects that do the work: {@link org.lcsc.cli.experiment.Experiment}
 * loads the data and builds network, sampler and objectives.
 */
package org.lcsc.cli.experiment;
