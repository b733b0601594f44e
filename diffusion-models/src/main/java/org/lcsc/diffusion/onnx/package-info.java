/**
 * Networks in the format of ONNX. The main type is {@link org.lcsc.diffusion.onnx.OnnxGraph}, which
 * layers write themselves into; {@link org.lcsc.diffusion.unet.OnnxUNet} writes a whole network.
 */
package org.lcsc.diffusion.onnx;
