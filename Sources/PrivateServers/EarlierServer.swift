/// A server of an earlier run on the same data: it was told to end when that run did, however that
/// happened, and may take a while.
enum EarlierServer {
    private static let patience = Duration.seconds(120)
    /// What takes no longer is not worth a word.
    private static let quietTime = Duration.milliseconds(200)

    /// Waits until no `program` works in `directory` any more: two on the same files would ruin
    /// them.
    ///
    /// - Parameter tell: told once, in one line, when that takes a while.
    static func waitUntilEnded(
        _ program: String, in directory: String, tell: @Sendable (String) -> Void
    ) async throws(PrivateServerError) {
        let begin = ContinuousClock.now
        var isTold = false
        while let pid = ProcessTable.processes(of: program, workingIn: directory).first {
            let waited = ContinuousClock.now - begin
            if waited >= patience {
                throw PrivateServerError(.failed, "\(program) of an earlier run (process \(pid)) still works in \(directory); end it first")
            }
            if waited >= quietTime, !isTold {
                isTold = true
                tell("waiting for the \(program) of an earlier run to end (process \(pid))")
            }
            do {
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                throw PrivateServerError(.failed, "\(program) was not started")
            }
        }
    }
}
