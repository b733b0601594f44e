/**
 * What computes a network's outputs while samples are drawn. The main type is {@link
 * org.lcsc.diffusion.engine.SamplingEngine}, the settings of one way; {@link
 * org.lcsc.diffusion.engine.Forward} is a network in it.
 */
package org.lcsc.diffusion.engine;
