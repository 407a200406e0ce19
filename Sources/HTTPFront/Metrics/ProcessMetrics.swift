import Glibc

/// What the kernel says of this process (proc(5)). A figure that cannot be read is left out.
package struct ProcessMetrics: Sendable, Equatable {
    package var cpuSeconds: Double?
    package var residentBytes: Int?
    package var openFileDescriptors: Int?
    package var openFileDescriptorsMax: Int?
    package var startTimeSeconds: Double?

    /// Reads a few small files of `/proc`, which are made of memory: some tens of microseconds.
    package static func read() -> ProcessMetrics {
        var metrics = ProcessMetrics()
        let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        // The command's name stands in parentheses and may hold anything, spaces and parentheses
        // too.
        if let stat = contents(of: "/proc/self/stat"), let end = stat.lastIndex(of: ")") {
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            // Fields 14, 15 and 22 of the manual; the first two are before `fields`, which counts
            // from 0.
            if fields.count > 19, let user = Double(fields[11]), let system = Double(fields[12]), let start = Double(fields[19]) {
                metrics.cpuSeconds = (user + system) / ticksPerSecond
                metrics.startTimeSeconds = bootTime().map { $0 + start / ticksPerSecond }
            }
        }
        if let pages = contents(of: "/proc/self/statm")?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) {
            metrics.residentBytes = pages * sysconf(Int32(_SC_PAGESIZE))
        }
        metrics.openFileDescriptors = entryCount(of: "/proc/self/fd")
        var limit = rlimit()
        // Safe: the call fills one `rlimit`.
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            metrics.openFileDescriptorsMax = Int(clamping: limit.rlim_cur)
        }
        return metrics
    }

    /// Under the names that every client library gives them.
    package var exposition: String {
        func family(_ name: String, _ kind: MetricKind, _ help: String, _ value: Double?) -> String {
            guard let value else { return "" }
            return ExpositionFormat.heading(name, kind: kind, help: help) + ExpositionFormat.sample(name, "", ExpositionFormat.number(value))
        }
        return family("process_cpu_seconds_total", .counter, "User and system CPU time of this process.", cpuSeconds)
            + family("process_open_fds", .gauge, "Open file descriptors.", openFileDescriptors.map(Double.init))
            + family("process_max_fds", .gauge, "Open file descriptors that the process may have.", openFileDescriptorsMax.map(Double.init))
            + family("process_resident_memory_bytes", .gauge, "Memory that is present in RAM.", residentBytes.map(Double.init))
            + family("process_start_time_seconds", .gauge, "When the process started, in Unix time.", startTimeSeconds)
    }

    /// Unix time at which the machine started.
    private static func bootTime() -> Double? {
        contents(of: "/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst("btime ".count)) }
    }

    /// Files of `/proc` have no length that could be asked for; they are read until their end.
    private static func contents(of path: String) -> String? {
        // Safe: the path is a terminated string.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            // Safe: read(2) writes no more than the array's count.
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { return nil }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }

    /// The one that the look itself opens is not counted.
    private static func entryCount(of path: String) -> Int? {
        // Safe: the handle is this function's own, closed once, and no entry that it lends is kept.
        guard let directory = unsafe opendir(path) else { return nil }
        defer { unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        return count - 3
    }
}
