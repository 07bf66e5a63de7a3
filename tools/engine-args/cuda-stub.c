/* A driver library that answers every call with CUDA_ERROR_NO_DEVICE (100).
 *
 * vLLM's compiled kernels link against the driver's libcuda.so.1, which only exists where an NVIDIA driver is
 * installed. With this file in its place they load on any machine, and everything that asks about devices sees none.
 * The names are those which the kernels of the extracted releases leave undefined (nm -D --undefined-only).
 */
#define ANSWER_NO_DEVICE(name) \
  int name(void) { return 100; }

ANSWER_NO_DEVICE(cuInit)
ANSWER_NO_DEVICE(cuCtxGetCurrent)
ANSWER_NO_DEVICE(cuCtxSetCurrent)
ANSWER_NO_DEVICE(cuDeviceGetAttribute)
ANSWER_NO_DEVICE(cuDevicePrimaryCtxRetain)
ANSWER_NO_DEVICE(cuDriverGetVersion)
ANSWER_NO_DEVICE(cuGetErrorString)
ANSWER_NO_DEVICE(cuGetProcAddress_v2)
ANSWER_NO_DEVICE(cuMemAddressFree)
ANSWER_NO_DEVICE(cuMemAddressReserve)
ANSWER_NO_DEVICE(cuMemCreate)
ANSWER_NO_DEVICE(cuMemGetAllocationGranularity)
ANSWER_NO_DEVICE(cuMemMap)
ANSWER_NO_DEVICE(cuMemRelease)
ANSWER_NO_DEVICE(cuMemSetAccess)
ANSWER_NO_DEVICE(cuMemUnmap)
ANSWER_NO_DEVICE(cuPointerGetAttribute)
ANSWER_NO_DEVICE(cuTensorMapEncodeTiled)
