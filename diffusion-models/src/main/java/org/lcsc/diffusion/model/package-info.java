/**
 * What can be trained. The main type is {@link org.lcsc.diffusion.model.GenerativeModel}, the
 * settings of one kind of model, which make its network's inputs and loss, its training batches and
 * what its samplers see.
 */
package org.lcsc.diffusion.model;
