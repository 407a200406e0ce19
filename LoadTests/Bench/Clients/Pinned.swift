/// `command`, run on `core` alone; anywhere when it is `nil`.
func pinned(_ command: [String], to core: Int?) -> [String] {
    core.map { ["taskset", "--cpu-list", String($0)] + command } ?? command
}
