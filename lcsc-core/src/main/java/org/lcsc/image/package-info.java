/** The shape of an image, {@link org.lcsc.image.ImageShape}, and its resizing. */
package org.lcsc.image;
