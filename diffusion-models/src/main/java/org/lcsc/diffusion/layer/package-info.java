/** Layers. */
package org.lcsc.diffusion.layer;
