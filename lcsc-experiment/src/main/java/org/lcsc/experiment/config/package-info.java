/**
 * The configuration of a run. {@link org.lcsc.experiment.config.RunConfig} is the main type: the
 * whole YAML file of a training as one validated record.
 */
package org.lcsc.experiment.config;
