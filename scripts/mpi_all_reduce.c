/* What scripts/compare_mpi.py compares with: MPI_Allreduce of floats, timed as rlx-bench collective times its own.
 * Ranks start each run together and the slowest one's time counts; the best run is printed, in microseconds. mpirun -n
 * 2 mpi_all_reduce SECONDS BYTES... */
#include <mpi.h>

#include <stdio.h>
#include <stdlib.h>

static double fastest(const float* src, float* dst, int count, double seconds) {
  double best = 1e9;
  const double start = MPI_Wtime();
  for (double spent = 0; spent < seconds;) {
    MPI_Barrier(MPI_COMM_WORLD);
    double times[2];
    const double begin = MPI_Wtime();
    MPI_Allreduce(src, dst, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    times[0] = MPI_Wtime() - begin;
    times[1] = MPI_Wtime() - start;
    MPI_Allreduce(MPI_IN_PLACE, times, 2, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    if (times[0] < best) best = times[0];
    spent = times[1];
  }
  return best * 1e6;
}

int main(int argc, char** argv) {
  int rank = 0;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  for (int i = 2; i < argc; ++i) {
    const long bytes = atol(argv[i]);
    float* src = malloc((size_t)bytes);
    float* dst = malloc((size_t)bytes);
    for (long k = 0; k < bytes / 4; ++k) src[k] = dst[k] = 1;
    const double us = fastest(src, dst, (int)(bytes / 4), atof(argv[1]));
    if (rank == 0) printf("%ld %.3f\n", bytes, us);
    free(src);
    free(dst);
  }
  MPI_Finalize();
  return 0;
}
