/**
 * The U-Net of diffusion models as a Deeplearning4j graph: {@link org.lcsc.diffusion.unet.UNet}
 * builds it from a {@link org.lcsc.diffusion.unet.UNetConfig}.
 */
package org.lcsc.diffusion.unet;
