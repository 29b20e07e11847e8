#ifndef GOLIVE_CVPX_H
#define GOLIVE_CVPX_H
#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

// vpx_codec_enc_init, vpx_codec_dec_init and vpx_codec_control are macros, which Swift cannot import.
static inline vpx_codec_err_t golive_vpx_enc_init(vpx_codec_ctx_t *c, vpx_codec_iface_t *i, const vpx_codec_enc_cfg_t *cfg, vpx_codec_flags_t f) { return vpx_codec_enc_init(c, i, cfg, f); }
static inline vpx_codec_err_t golive_vpx_dec_init(vpx_codec_ctx_t *c, vpx_codec_iface_t *i, const vpx_codec_dec_cfg_t *cfg, vpx_codec_flags_t f) { return vpx_codec_dec_init(c, i, cfg, f); }
static inline vpx_codec_err_t golive_vpx_control_int(vpx_codec_ctx_t *c, int id, int v) { return vpx_codec_control_(c, id, v); }
#endif
