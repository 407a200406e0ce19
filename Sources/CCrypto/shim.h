// OpenSSL 3: the interfaces around EVP alone, none of those that it calls deprecated.
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

// Swift does not import a macro that is made of others.
static const int crypto_public_key = EVP_PKEY_PUBLIC_KEY;
