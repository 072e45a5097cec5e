# A sliding-window view, thinned out, its axes put in order.
def im2col(x, kernel_size, stride=1, padding=0, dilation=1):
    """Copy the patch under the kernel at every place into a column."""
    kh, kw = pair(kernel_size)
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    reach = (dh * (kh - 1) + 1, dw * (kw - 1) + 1)
    view = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=(2, 3))
    view = view[:, :, ::sh, ::sw, ::dh, ::dw]
    n, c, rows, columns = view.shape[:4]
    return view.transpose(0, 1, 4, 5, 2, 3).reshape(n, c * kh * kw, rows * columns)
