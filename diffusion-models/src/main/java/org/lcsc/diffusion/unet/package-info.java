/**
 * The U-Nets of diffusion and consistency models as Deeplearning4j graphs. {@link
 * org.lcsc.diffusion.unet.UNet} builds a graph around a {@link
 * org.lcsc.diffusion.unet.NetworkBody}: {@link org.lcsc.diffusion.unet.UNetConfig} is DDPM's and
 * improved DDPM's, {@link org.lcsc.diffusion.unet.NcsnppConfig} NCSN++, {@link
 * org.lcsc.diffusion.unet.DdpmppConfig} DDPM++, {@link org.lcsc.diffusion.unet.AdmConfig} ADM.
 */
package org.lcsc.diffusion.unet;
