import Glibc

package enum DescriptorLimit {
    /// Servers and clients inherit it: ten thousand connections need as many descriptors at either
    /// end.
    package static func raise() {
        var limit = rlimit()
        // The kernel reads and writes one `rlimit`.
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
