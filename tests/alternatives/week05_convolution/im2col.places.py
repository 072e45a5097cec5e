# Goes from place to place and flattens each patch: slow, and right.
def im2col(x, kernel_size, stride=1, padding=0, dilation=1):
    """Copy the patch under the kernel at every place into a column."""
    kh, kw = pair(kernel_size)
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    rows = output_size(x.shape[2], kh, sh, ph, dh)
    columns = output_size(x.shape[3], kw, sw, pw, dw)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    patches = []
    for i in range(rows):
        for j in range(columns):
            patch = padded[:, :, i * sh :, j * sw :][:, :, ::dh, ::dw][:, :, :kh, :kw]
            patches.append(patch.reshape(len(x), -1))
    return np.stack(patches, axis=-1)
